"""The way out to a login that is not ours, and how the browser is known when it comes back."""

import secrets
from dataclasses import dataclass, field

from handlers.ports import BegunLogin
from handlers.store.keys import hashed


@dataclass(frozen=True)
class Departure:
    """Where to send the browser, and the secret by which it is known when it comes back."""

    address: str = field(repr=False)
    cookie: str = field(repr=False)


def departure(begun: BegunLogin) -> tuple[Departure, str]:
    """The way out, and the hash under which what was asked for is kept."""
    cookie = secrets.token_urlsafe(32)
    return Departure(begun.address, cookie), hashed(cookie)
