"""Our tenant's sign-in service, as the settings describe it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from bot.jose import CertifiedKey
from bot.oidc.flow import ASSERTION
from bot.settings.values import is_loopback
from graph.secret import Secret

_LONGEST: Final = 2000


@dataclass(frozen=True)
class Authority:
    """Everything that is known before it is asked anything."""

    authority_url: str
    tenant_id: str
    client_id: str
    credential: Secret | CertifiedKey
    auth_context: str
    """The authentication context that stepping up demands; empty: none."""

    @property
    def name(self) -> str:
        """For logs."""
        return "entra"

    @property
    def issuer(self) -> str:
        """Of the tenant's v2.0 tokens."""
        return f"{self.authority_url}/{self.tenant_id}/v2.0"

    @property
    def further(self) -> frozenset[str]:
        """None: what Entra's metadata names besides lies at Graph, and is not used."""
        return frozenset()

    def may_reach(self, address: object) -> bool:
        """Whether an endpoint lies with the authority; on loopback, as everywhere, any port and plain http will do."""
        if not isinstance(address, str) or not re.fullmatch(r"[!-~]+", address) or len(address) > _LONGEST:
            return False
        try:
            here, there = urlsplit(self.authority_url), urlsplit(address)
            same_port = there.port == here.port
        except ValueError:
            return False
        if there.username is not None or there.fragment or there.hostname != here.hostname:
            return False
        if is_loopback(here.hostname or ""):
            return there.scheme in ("http", "https")
        return there.scheme == here.scheme and same_port

    def proved(self, audience: str, now: datetime) -> dict[str, str]:
        """What shows the token endpoint which client we are."""
        if isinstance(self.credential, CertifiedKey):
            assertion = self.credential.assertion(self.client_id, audience, now)
            return {"client_assertion_type": ASSERTION, "client_assertion": assertion}
        return {"client_secret": self.credential.reveal()}
