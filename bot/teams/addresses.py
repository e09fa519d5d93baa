"""Where we send to, and no further: a message may name any address, and our token would go there.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication (serviceUrl).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.settings.values import is_loopback


@dataclass(frozen=True)
class ServiceUrls:
    """The listed services. ``https://*.example.org`` stands for every host below that name."""

    listed: Sequence[str]

    @property
    def default(self) -> str:
        """For people and channels we have not heard from."""
        return self.listed[0]

    def allows(self, url: str) -> bool:
        """Whether this address belongs to a listed service: by scheme, host and port."""
        asked = _origin(url)
        return asked is not None and any(_covers(_origin(entry), asked) for entry in self.listed)


_Origin = tuple[str, str, int | None]


def _origin(url: str) -> _Origin | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    if not host or parts.username is not None or parts.password is not None or "\\" in url:
        return None
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return None
    return parts.scheme, host, port


def _covers(listed: _Origin | None, asked: _Origin) -> bool:
    if listed is None:
        return False
    scheme, host, port = listed
    if (scheme, port) != (asked[0], asked[2]):
        return False
    if host.startswith("*."):
        return asked[1].endswith(host[1:]) and "*" not in asked[1]
    return host == asked[1]
