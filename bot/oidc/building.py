"""What a login is done with."""

from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

from bot.outside import TIMEOUT
from graph.trust import trust


def client_of(ca_file: Path | None) -> httpx.AsyncClient:
    """A client that follows no redirect, and keeps no cookie from one login to the next."""
    return httpx.AsyncClient(
        verify=trust(ca_file),
        timeout=TIMEOUT,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
    )
