"""The directory audit: what was done to which account, as Entra tells it some minutes later.

Microsoft documents the fields, and not what a new pass is called: so several names are understood.
https://learn.microsoft.com/graph/api/resources/directoryaudit
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from graph.client import GraphClient
from graph.fields import Row, maybe_rows, maybe_text, moment, row, text
from graph.paths import path
from graph.reports import REPORT

_AUDITS: Final = "/auditLogs/directoryAudits"
_PASS: Final = ("temporary access pass", "temporaryaccesspass")
_MADE: Final = ("register", "creat", "add")
_NOT_MADE: Final = ("delet", "remov")
_FAILED: Final = frozenset({"failure", "timeout"})


class Maker(StrEnum):
    """What kind of principal did it."""

    APPLICATION = "application"
    PERSON = "person"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class MadePass:
    """A pass that somebody made."""

    audit_id: str
    """Entra's own id of the entry."""
    at: datetime
    account: str | None
    """Object id of the account that it is for."""
    upn: str | None
    maker: Maker
    maker_id: str | None
    """The application (client) id, or the object id of the person."""


class Audits:
    """Reads the directory audit. Graph allows five of these calls in ten seconds, over all reports."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def passes_made(self, since: datetime) -> AsyncIterator[MadePass]:
        """Every pass that was made from then on, by anybody, in no order; everything else is passed over."""
        told = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"$filter": f"activityDateTime ge {told}"}
        async for entry in self._client.rows(path(_AUDITS), query, permission=REPORT):
            if (made := made_pass(entry)) is not None:
                yield made


def made_pass(entry: Row) -> MadePass | None:
    """The pass that an entry tells of; nothing when it tells of something else."""
    targets = [each for each in maybe_rows(entry, "targetResources") if _is_account(each)]
    if not targets or (maybe_text(entry, "result") or "").lower() in _FAILED:
        return None
    title = f"{_lower(entry, 'activityDisplayName')} {_lower(entry, 'resultReason')}"
    if not any(word in title for word in _MADE) or any(word in title for word in _NOT_MADE):
        return None
    details = {*_details(entry), *(name for each in targets for name in _changed(each))}
    if not any(word in title or any(word in detail for detail in details) for word in _PASS):
        return None
    maker, maker_id = _maker(entry)
    return MadePass(
        audit_id=text(entry, "id"),
        at=moment(entry, "activityDateTime"),
        account=maybe_text(targets[0], "id"),
        upn=maybe_text(targets[0], "userPrincipalName"),
        maker=maker,
        maker_id=maker_id,
    )


def _is_account(target: Row) -> bool:
    """A change of the policy for passes names them too, and is about no account."""
    return _lower(target, "type") in ("user", "")


def _details(entry: Row) -> Iterator[str]:
    for each in maybe_rows(entry, "additionalDetails"):
        yield f"{_lower(each, 'key')} {_lower(each, 'value')}"


def _changed(target: Row) -> Iterator[str]:
    for each in maybe_rows(target, "modifiedProperties"):
        yield _lower(each, "displayName")


def _maker(entry: Row) -> tuple[Maker, str | None]:
    initiated = row(entry.get("initiatedBy") or {})
    if initiated.get("app") is not None:
        return Maker.APPLICATION, maybe_text(row(initiated["app"]), "appId")
    if initiated.get("user") is not None:
        return Maker.PERSON, maybe_text(row(initiated["user"]), "id")
    return Maker.UNKNOWN, None


def _lower(holder: Row, name: str) -> str:
    return (maybe_text(holder, name) or "").lower()
