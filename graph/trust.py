"""Whom our connections trust."""

import ssl
from functools import cache
from pathlib import Path


@cache
def trust(ca_file: Path | None) -> ssl.SSLContext:
    """The certificates in ``http.ca_file``, else the system's: read once, since each copy takes a megabyte."""
    return ssl.create_default_context(cafile=ca_file)
