"""The registration report, which is as old as its last refresh."""

from collections import deque
from datetime import timedelta

from bot.sandbox.entra.directory import timestamp
from bot.sandbox.entra.filters import Rules
from bot.sandbox.entra.pages import Paging, collection
from bot.sandbox.entra.refusals import Refusal, no_method, too_many
from bot.sandbox.entra.requests import Answer, Incoming, Route, one_of
from bot.sandbox.entra.state import Account, Tenant
from bot.sandbox.world import Kind as ResidentKind
from graph.errors import NO_PREMIUM
from graph.methods import Kind
from handlers.ports import Clock

_READ = (one_of("AuditLog.Read.All"),)
_DETAILS = "/reports/authenticationMethods/userRegistrationDetails"
_RULES = Rules(
    plain=frozenset(
        "id userPrincipalName userDisplayName isMfaRegistered isMfaCapable methodsRegistered".split()
    )
)
_NAMES = {
    Kind.EMAIL: "email",
    Kind.PHONE: "mobilePhone",
    Kind.AUTHENTICATOR: "microsoftAuthenticatorPush",
    Kind.SOFTWARE_OATH: "softwareOneTimePasscode",
    Kind.HARDWARE_OATH: "hardwareOneTimePasscode",
    Kind.FIDO2: "fido2SecurityKey",
    Kind.WINDOWS_HELLO: "windowsHelloForBusiness",
    Kind.PLATFORM_CREDENTIAL: "macOsSecureEnclaveKey",
    Kind.PASS: "temporaryAccessPass",
}


class Limiter:
    """Lets so many requests through in ten seconds of the tenant's clock."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock = clock
        self._past: deque[float] = deque()
        self.limit: int | None = limit
        self.tells_when = True

    def admit(self) -> None:
        """Count one request, or refuse it with 429."""
        now = self._clock.now().timestamp()
        while self._past and self._past[0] <= now - 10:
            self._past.popleft()
        if self.limit is not None and len(self._past) >= self.limit:
            oldest = self._past[0] if self._past else now
            wait = int(oldest + 10 - now) + 1
            raise too_many(wait if self.tells_when else None)
        self._past.append(now)


class Reports:
    """Serves the report. ``premium`` says whether the tenant has Entra ID P1.

    It is as old as the last time it was made, and a row says that it is ``lag`` older still. With ``every`` it is
    made anew when it is read and so much time has gone by.
    """

    def __init__(self, tenant: Tenant, paging: Paging) -> None:
        self._tenant = tenant
        self._paging = paging
        self.premium = True
        self.lag = timedelta(hours=1)
        self.every: timedelta | None = None
        self._made = tenant.clock.now()
        self._rows: list[dict[str, object]] = []
        self.refresh()

    def routes(self) -> list[Route]:
        """What this part of Graph answers."""
        return [
            Route("GET", _DETAILS, _READ, self._list, limited=True),
            Route("GET", f"{_DETAILS}/{{user}}", _READ, self._one, limited=True),
        ]

    def refresh(self) -> None:
        """Make the report anew."""
        self._made = self._tenant.clock.now()
        self._rows = [self._row(account) for account in self._tenant.accounts.values()]

    def _list(self, incoming: Incoming) -> Answer:
        self._need_premium()
        return collection(incoming, self._rows, self._paging, rules=_RULES, default=None, usual=999)

    def _one(self, incoming: Incoming) -> Answer:
        self._need_premium()
        for row in self._rows:
            if row["id"] == incoming.values["user"]:
                return Answer(200, row)
        raise no_method()

    def _need_premium(self) -> None:
        if not self.premium:
            raise Refusal(403, NO_PREMIUM, "Neither tenant is B2C or tenant doesn't have premium license")
        if self.every is not None and self._tenant.clock.now() - self._made >= self.every:
            self.refresh()

    def _row(self, account: Account) -> dict[str, object]:
        kinds = {method.kind for method in account.methods}
        if account.access_pass is not None:
            kinds.add(Kind.PASS)
        strong = {kind for kind in kinds if kind.is_strong}
        refreshed = self._tenant.clock.now() - self.lag
        return {
            "id": account.id,
            "userPrincipalName": account.resident.upn,
            "userDisplayName": account.resident.name,
            "userType": "guest" if account.resident.kind is ResidentKind.GUEST else "member",
            "isAdmin": bool(self._tenant.roles_of(account)),
            "isSsprRegistered": bool(strong),
            "isSsprEnabled": True,
            "isSsprCapable": bool(strong),
            # Whether a live pass alone sets the flag is not documented. The cautious reading: it does.
            "isMfaRegistered": bool(strong) or Kind.PASS in kinds,
            "isMfaCapable": bool(strong),
            "isPasswordlessCapable": bool(strong & {Kind.FIDO2, Kind.WINDOWS_HELLO}),
            "lastUpdatedDateTime": timestamp(refreshed),
            "methodsRegistered": sorted(_NAMES.get(kind, kind.value) for kind in kinds - {Kind.PASSWORD}),
            "isSystemPreferredAuthenticationMethodEnabled": True,
            "systemPreferredAuthenticationMethods": ["none"] if not strong else ["push"],
            "userPreferredMethodForSecondaryAuthentication": "" if not strong else "push",
        }
