"""The registration report: who has which methods, for everybody at once, some hours old."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from graph.client import GraphClient
from graph.errors import NotFound
from graph.fields import Row, flag, maybe_moment, maybe_text, rows, text, texts
from graph.methods import Kind
from graph.paths import path

REPORT = "AuditLog.Read.All"

_DETAILS = "/reports/authenticationMethods/userRegistrationDetails"
_NOT_STRONG = frozenset({"temporaryAccessPass", "email", "securityQuestion"})
_KINDS: Final = {
    "email": Kind.EMAIL,
    "temporaryAccessPass": Kind.PASS,
    "mobilePhone": Kind.PHONE,
    "alternateMobilePhone": Kind.PHONE,
    "officePhone": Kind.PHONE,
    "microsoftAuthenticatorPush": Kind.AUTHENTICATOR,
    "microsoftAuthenticatorPasswordless": Kind.AUTHENTICATOR,
    "softwareOneTimePasscode": Kind.SOFTWARE_OATH,
    "hardwareOneTimePasscode": Kind.HARDWARE_OATH,
    "fido2": Kind.FIDO2,
    "fido2SecurityKey": Kind.FIDO2,
    "passKeyDeviceBound": Kind.FIDO2,
    "passKeyDeviceBoundAuthenticator": Kind.FIDO2,
    "passKeySynced": Kind.FIDO2,
    "windowsHelloForBusiness": Kind.WINDOWS_HELLO,
    "macOsSecureEnclaveKey": Kind.PLATFORM_CREDENTIAL,
}
"""Graph's names for what we have a word for; a security question is no way to sign in at all."""


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

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of its methods, as a look at the account itself would tell them.

        A number for resetting the password alone is listed too: without the flag nothing strong counts.
        """
        told = frozenset(
            _KINDS.get(name, Kind.UNKNOWN) for name in self.methods if name != "securityQuestion"
        )
        return told if self.registered else frozenset(kind for kind in told if not kind.is_strong)


class Reports:
    """Reads the report. It needs Entra ID P1: without it every call is ``NoPremiumLicence``.

    Graph allows five of these calls in ten seconds, so one account after the other is no way to read many.
    """

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def pages(self) -> AsyncIterator[Sequence[RegistrationRow]]:
        """Every account, a page for each request. Not filtered by Graph: its flag alone does not tell who is
        missing.
        """
        async for page in self._client.pages(path(_DETAILS), {"$top": "999"}, permission=REPORT):
            yield [_registration(entry) for entry in page]

    async def sample(self) -> RegistrationRow | None:
        """Any one account, to see whether the report can be read and how old it is."""
        answer = await self._client.get(path(_DETAILS), {"$top": "1"}, permission=REPORT)
        return next((_registration(entry) for entry in rows(answer)), None)

    async def registration(self) -> AsyncIterator[RegistrationRow]:
        """Every account."""
        async for page in self.pages():
            for row in page:
                yield row

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
