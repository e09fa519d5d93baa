"""The question which old phone to remove: what is asked about, and how the card and the page tell how it stands."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from graph.methods import Method
from handlers.events import Person
from handlers.messages import Language, OldPhone, OldPhones
from handlers.passes.finishing import is_old
from handlers.records import Case, OldMethod
from handlers.states import CaseState, OldState
from handlers.store import old_methods, outbox, people
from handlers.store.cases import Cases
from handlers.store.cleaning import clean

_NAME: Final = 40
"""Letters of a method's name that are kept and shown."""


def called(method: Method) -> str:
    """What its owner calls it."""
    return clean(method.display_name or "")[:_NAME]


def rows_of(case: Case, old: Sequence[Method]) -> list[OldMethod]:
    """One for each."""
    return [
        OldMethod(
            case=case.id,
            number=number,
            method=method.id,
            kind=method.kind,
            name=called(method),
            since=method.created,
        )
        for number, method in enumerate(old, start=1)
    ]


def record_of(row: OldMethod) -> str:
    """What its button names."""
    return f"{row.case}:{row.number}"


def read(record: str) -> tuple[str, int] | None:
    """The case and the number that a button names."""
    case, _, number = record.rpartition(":")
    return (case, int(number)) if case and number.isascii() and number.isdigit() and len(number) < 4 else None


def is_answered(row: OldMethod) -> bool:
    """Whether nothing has to be said about it any more."""
    return OldState(row.state).answered


def said(row: OldMethod) -> OldPhone:
    """As a message tells of it."""
    return OldPhone(record_of(row), row.kind, row.name, OldState(row.state), row.since)


async def looked(
    session: AsyncSession, cases: Cases, case: Case, methods: Sequence[Method], now: datetime
) -> list[OldMethod]:
    """Bring what was written down in line with what is there; a request that lost its answer has one by this."""
    rows = await old_methods.of_case(session, case.id)
    changed = False
    for row in rows:
        there = any(method.id == row.method and is_old(method, case) for method in methods)
        state = _after_look(row, now, there=there)
        if state is None or not await old_methods.settle(session, row, state):
            continue
        row.state, changed = state, True
        if state is OldState.REMOVED:
            await record(session, cases, case, row, now)
    if changed:
        await show(session, case, now)
    return rows


async def record(session: AsyncSession, cases: Cases, case: Case, row: OldMethod, now: datetime) -> None:
    """Write to the audit that we have deleted it."""
    data = {"kind": row.kind, "number": str(row.number)}
    await cases.audit.append(session, at=now, actor=None, action="case.old-removed", case=case.id, data=data)


async def show(session: AsyncSession, case: Case, now: datetime) -> None:
    """Post the card to the owner of the account, or bring the posted one up to date.

    Only in chats that were theirs before the case began: who is tied to the account only since then may be anybody.
    """
    rows = await old_methods.of_case(session, case.id)
    if not rows:
        return
    data = OldPhones(
        case=case.id,
        kind=case.registered_kind,
        method=case.registered_name,
        olds=tuple(said(row) for row in rows),
        kept=case.old_kept,
        over=case.state != CaseState.USED,
    )
    for person in await people.people_of(session, case.target):
        if await is_owner(session, case, person):
            language = await people.language_of(session, person) or Language(case.language)
            await _post(
                session, person, data, language, f"old:{case.id}:{person.platform}:{person.user}", rows, now
            )


async def is_owner(session: AsyncSession, case: Case, person: Person) -> bool:
    """Whether this person was the owner of the account before the case began."""
    link = await people.link(session, person)
    return (
        link is not None
        and link.flagged is None
        and link.account == case.target
        and link.first_seen <= case.opened_at
    )


def _after_look(row: OldMethod, now: datetime, *, there: bool) -> OldState | None:
    """How it stands after a look, if that is news."""
    state = OldState(row.state)
    if state.answered:
        return None
    if state is not OldState.REMOVING:
        return None if there else OldState.GONE
    if row.asked_at is not None and now - row.asked_at < old_methods.ANSWER_WITHIN:
        return None
    return OldState.NO_ANSWER if there else OldState.REMOVED


async def _post(
    session: AsyncSession,
    person: Person,
    data: OldPhones,
    language: Language,
    key: str,
    rows: Sequence[OldMethod],
    now: datetime,
) -> None:
    stands = f"{data.kept}:{data.over}:" + ",".join(f"{row.state}{row.tries}" for row in rows)
    revision = sha256(stands.encode()).hexdigest()[:8]
    first = outbox.Post(key=key, target=person, data=data, language=language, due_at=now, priority=1)
    if not await outbox.add(session, first, tenant=person.tenant):
        later = outbox.Post(
            key=f"{key}:{revision}",
            target=person,
            data=data,
            language=language,
            due_at=now,
            priority=1,
            replaces=key,
        )
        await outbox.add(session, later, tenant=person.tenant)
