"""The directory audit of the emulated tenant: what was done to sign-in methods, in the form that Entra gives it."""

import json
from datetime import datetime, timedelta
from uuid import uuid4

from bot.sandbox.entra.directory import timestamp
from bot.sandbox.entra.filters import Rules
from bot.sandbox.entra.pages import Paging, collection
from bot.sandbox.entra.requests import Answer, Incoming, Route, one_of
from bot.sandbox.entra.state import Account, StoredPass, Tenant

_AUDITS = "/auditLogs/directoryAudits"
_RULES = Rules(
    plain=frozenset("activityDisplayName category correlationId id loggedByService result".split()),
    moments=frozenset({"activityDateTime"}),
)
_WHAT = "temporary access pass method"


class Audits:
    """Serves what was written down. An entry is seen once ``delay`` is over."""

    def __init__(self, tenant: Tenant, paging: Paging) -> None:
        self._tenant = tenant
        self._paging = paging
        self._entries: list[tuple[datetime, dict[str, object]]] = []
        self.delay = timedelta(0)

    def routes(self) -> list[Route]:
        """What this part of Graph answers."""
        return [Route("GET", _AUDITS, (one_of("AuditLog.Read.All"),), self._list, limited=True)]

    def pass_made_by_app(self, account: Account, made: StoredPass) -> None:
        """Our application made a pass; Entra calls that a registration by the user."""
        app = {"appId": self._tenant.world.client_id, "displayName": "tofaktor"}
        self._write("User registered", f"User registered {_WHAT}", account, {"app": app}, _properties(made))

    def pass_made_by(self, admin: Account, account: Account, made: StoredPass) -> None:
        """An administrator made a pass."""
        reason = f"Admin registered {_WHAT} for user"
        self._write("Admin registered", reason, account, _person(admin), _properties(made))

    def pass_deleted(self, account: Account) -> None:
        """Our application took a pass away."""
        app = {"appId": self._tenant.world.client_id, "displayName": "tofaktor"}
        self._write("Admin deleted", f"Admin deleted {_WHAT} for user", account, {"app": app}, [])

    def registered(self, account: Account, method: str) -> None:
        """A user registered a method of their own."""
        self._write("User registered", f"User registered {method}", account, _person(account), [])

    def _write(
        self,
        activity: str,
        reason: str,
        account: Account,
        by: dict[str, object],
        properties: list[dict[str, object]],
    ) -> None:
        now, correlation = self._tenant.clock.now(), str(uuid4())
        target = {
            "id": account.id,
            "displayName": account.resident.name,
            "type": "User",
            "userPrincipalName": account.resident.upn,
            "groupType": None,
            "modifiedProperties": properties,
        }
        entry: dict[str, object] = {
            "id": f"Authentication Methods_{correlation}_EMUL_{len(self._entries)}",
            "category": "UserManagement",
            "correlationId": correlation,
            "result": "success",
            "resultReason": reason,
            "activityDisplayName": f"{activity} security info",
            "activityDateTime": timestamp(now),
            "loggedByService": "Authentication Methods",
            "operationType": "Add",
            "initiatedBy": {"user": None, "app": None} | by,
            "targetResources": [target],
            "additionalDetails": [],
        }
        self._entries.insert(0, (now, entry))

    def _list(self, incoming: Incoming) -> Answer:
        seen = self._tenant.clock.now() - self.delay
        rows = [entry for at, entry in self._entries if at <= seen]
        return collection(incoming, rows, self._paging, rules=_RULES, default=None, usual=999)


def _person(account: Account) -> dict[str, object]:
    return {
        "user": {
            "id": account.id,
            "displayName": account.resident.name,
            "userPrincipalName": account.resident.upn,
            "ipAddress": "192.0.2.10",
        }
    }


def _properties(made: StoredPass) -> list[dict[str, object]]:
    told = {
        "Id": made.id,
        "StartDateTime": timestamp(made.start),
        "EndDateTime": timestamp(made.expires),
        "AccessPassUsage": "Once" if made.usable_once else "Multiple",
    }
    return [
        {"displayName": f"TemporaryAccessPass.{name}", "oldValue": '""', "newValue": json.dumps(value)}
        for name, value in told.items()
    ]
