"""The registration report: who has which methods, for everybody at once, some hours old."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from graph.client import GraphClient
from graph.errors import NotFound
from graph.fields import Row, flag, maybe_moment, maybe_text, text, texts
from graph.paths import path

REPORT = "AuditLog.Read.All"

_DETAILS = "/reports/authenticationMethods/userRegistrationDetails"
_NOT_STRONG = frozenset({"temporaryAccessPass", "email", "securityQuestion"})


@dataclass(frozen=True)
class RegistrationRow:
    """One account in the report."""

    id: str
    upn: str
    display_name: str
    user_type: str | None
    is_admin: bool
    is_mfa_registered: bool
    is_mfa_capable: bool
    methods: frozenset[str]
    """Graph's own names, an open list: ``microsoftAuthenticatorPush``, ``mobilePhone``, …"""
    preferred: str | None
    refreshed: datetime | None
    """When the report was made, not when the account registered."""

    @property
    def strong_methods(self) -> frozenset[str]:
        """What counts as a second factor: not a pass, an e-mail or a question."""
        return self.methods - _NOT_STRONG

    @property
    def registered(self) -> bool:
        """Whether the account has a second factor. The flag alone is not enough: a live pass may set it."""
        return self.is_mfa_registered and bool(self.strong_methods)


class Reports:
    """Reads the report. It needs Entra ID P1: without it every call is ``NoPremiumLicence``.

    Graph allows five of these calls in ten seconds, so one account after the other is no way to read many.
    """

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def registration(self) -> AsyncIterator[RegistrationRow]:
        """Every account, page by page. Not filtered by Graph: its flag alone does not tell who is missing."""
        async for entry in self._client.rows(path(_DETAILS), {"$top": "999"}, permission=REPORT):
            yield _registration(entry)

    async def registration_of(self, user_id: str) -> RegistrationRow | None:
        """One account; nothing when the report does not know it yet."""
        where = path(_DETAILS + "/{user}", user=user_id)
        try:
            return _registration(await self._client.get(where, permission=REPORT))
        except NotFound:
            return None


def _registration(found: Row) -> RegistrationRow:
    return RegistrationRow(
        id=text(found, "id"),
        upn=text(found, "userPrincipalName"),
        display_name=maybe_text(found, "userDisplayName") or "",
        user_type=maybe_text(found, "userType"),
        is_admin=found.get("isAdmin") is True,
        is_mfa_registered=flag(found, "isMfaRegistered"),
        is_mfa_capable=flag(found, "isMfaCapable"),
        methods=frozenset(texts(found, "methodsRegistered")),
        preferred=maybe_text(found, "userPreferredMethodForSecondaryAuthentication"),
        refreshed=maybe_moment(found, "lastUpdatedDateTime"),
    )
