"""What the parts of the route share: its times, its secrets, and the way to a provider."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

ROUTE: Final = "eid"
LINK_LIFE: Final = timedelta(minutes=15)
LOGIN_LIFE: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Departure:
    """Where to send the browser, and the secret by which it is known when it comes back."""

    address: str = field(repr=False)
    cookie: str = field(repr=False)


def hashed(secret: str) -> str:
    """What is kept of a secret of 256 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
