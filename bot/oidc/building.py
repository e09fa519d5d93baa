"""What a login is done with."""

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

from bot.outside import TIMEOUT


def client_of(ca_file: Path | None) -> httpx.AsyncClient:
    """A client that follows no redirect, and keeps no cookie from one login to the next."""
    return httpx.AsyncClient(
        verify=ssl.create_default_context(cafile=ca_file),
        timeout=TIMEOUT,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
    )
