"""A provider as the settings describe it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from bot.jose import SigningKey
from bot.settings.eid import ClientAuth
from graph.secret import Secret

__all__ = ["USERINFO", "ClientAuth", "Provider"]

USERINFO = "userinfo:"
"""Begins the name of a claim that is read from the userinfo endpoint instead of the id_token."""
_LONGEST: Final = 2000
_FURTHER: Final = frozenset(
    {"pushed_authorization_request_endpoint", "userinfo_endpoint", "end_session_endpoint"}
)


@dataclass(frozen=True)
class Provider:
    """Everything that is known of a provider before it is asked anything."""

    name: str
    issuer: str
    client_id: str
    client_auth: ClientAuth
    accept_acr: Mapping[str, int]
    """The level (3 or 4) of each ``acr`` that is accepted, compared letter by letter."""
    claim: str
    """Where the person number stands: the name of a claim, behind ``userinfo:`` if it is there."""
    keys: tuple[SigningKey, ...] = ()
    """The first signs; all are published."""
    secret: Secret | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    acr_values: tuple[str, ...] = ()
    require: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Claims that must hold one of these values, named as ``claim`` is."""
    host_allow: frozenset[str] = frozenset()
    """Hosts besides the issuer's own on which its endpoints may lie. Names of hosts know no case (RFC 4343)."""

    @property
    def origins(self) -> str:
        """Where its pages may lie, as ``frame-ancestors`` and ``form-action`` list them."""
        here = urlsplit(self.issuer)
        return " ".join([f"{here.scheme}://{here.netloc}", *(f"https://{host}" for host in self._allowed)])

    @property
    def _allowed(self) -> list[str]:
        return sorted({host.lower() for host in self.host_allow})

    @property
    def further(self) -> frozenset[str]:
        """The endpoints that are used besides those of the flow."""
        return _FURTHER

    def may_reach(self, address: object) -> bool:
        """Whether an endpoint of the metadata is one we go to: the issuer's scheme, an allowed host."""
        if not isinstance(address, str) or not re.fullmatch(r"[!-~]+", address) or len(address) > _LONGEST:
            return False
        try:
            here, there = urlsplit(self.issuer), urlsplit(address)
            port = there.port
        except ValueError:
            return False
        plain = there.username is None and not there.fragment
        allowed = port == here.port if there.hostname == here.hostname else there.hostname in self._allowed
        return plain and there.scheme == here.scheme and allowed
