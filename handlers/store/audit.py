"""The audit: an append-only chain of signed rows. ``tofaktor audit verify`` finds any change, gap or cut end.

Each row carries an HMAC-SHA256 over itself and over the row before it. One head row, locked by whoever appends,
makes the order total; it is sealed, so that it cannot be moved back to hide a cut end. What this cannot show is a
whole database put back from an old copy: for that the end of each month is sent outside.
"""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import AuditHead, AuditRow, AuditSegment, Pseudonym
from handlers.store.chain import START, Accepted, Head, Link, Problem, Verdict, Walk
from handlers.store.cleaning import clean
from handlers.store.inserting import insert_into
from handlers.store.keys import AuditKeys

__all__ = ["SYSTEM", "Audit", "AuditKeys", "Problem", "Verdict"]

SYSTEM: Final = "system"
"""The actor of what the program does by itself."""

Facts = Mapping[str, str | int | bool | None]
NOTHING: Final[Facts] = MappingProxyType({})
NOBODY: Final[Mapping[str, str | None]] = MappingProxyType({})
_ACCEPTED: Final = "audit.accepted"
_BATCH: Final = 1000
_FRESH: Final = Head(seq=0, mac=START, segment="", broken_at=None, key_id="")
_LINK: Final = tuple(col(getattr(AuditRow, field.name)) for field in fields(Link))


@dataclass(frozen=True)
class Audit:
    """The chain, signed with these keys."""

    keys: AuditKeys

    async def append(
        self,
        session: AsyncSession,
        *,
        at: datetime,
        actor: str | None,
        action: str,
        data: Facts,
        case: str | None = None,
        people: Mapping[str, str | None] = NOBODY,
    ) -> int:
        """Add a row, in the transaction of the act it records; its number.

        ``actor`` is an object id, ``SYSTEM`` or nobody; the row holds a pseudonym for it, and beside ``data`` one
        for each of ``people``. Codes, tokens and person numbers are cut out of ``data``. The head stays locked
        until the commit, so append last.
        """
        named = {role: await self.pseudonym(session, who) for role, who in people.items() if who}
        head = await self._writable_head(session)
        segment = max(head.segment, at.astimezone(UTC).strftime("%Y-%m"))
        if head.segment and head.segment != segment:
            await _close(session, head, at)
        link = Link(
            seq=head.seq + 1,
            segment=segment,
            at=at,
            actor=actor if actor is None or actor == SYSTEM else await self.pseudonym(session, actor),
            action=action,
            case=case,
            data=_text(data, named),
            key_id=self.keys.signing,
            prev=head.mac,
        )
        link = replace(link, mac=self.keys.sign(link.signed()))
        await session.execute(insert(AuditRow).values(asdict(link)))
        await self._seal(session, replace(head, seq=link.seq, mac=link.mac, segment=segment))
        return link.seq

    async def verify(self, session: AsyncSession) -> Verdict:
        """Check every row, in batches: memory stays flat. Appends may go on meanwhile."""
        # The head is read first: whatever it vouches for is there when the rest is read.
        head = await _head(session)
        walk = Walk(self.keys, await self._accepted(session), await _closed(session))
        async for link in _links(session, head.seq if head else 0):
            walk.step(link)
            if walk.wrong is not None:
                break
        verdict = walk.finish(head)
        return await self._beyond(session, verdict) if verdict.ok else verdict

    async def mark(self, session: AsyncSession, verdict: Verdict) -> None:
        """Remember that the chain is broken, so that every replica knows it at once."""
        if verdict.bad_seq is not None:
            head = await self._writable_head(session)
            await self._seal(session, replace(head, broken_at=_first(head.broken_at, verdict.bad_seq)))

    async def trusted(self, session: AsyncSession) -> bool:
        """Whether passes may be issued: the end is as we left it and nobody has found a break. Quick."""
        head = await _head(session)
        last = await _last(session)
        if head is None or head == _FRESH:
            return last == (0, START)
        return head.sealed_by(self.keys) and head.broken_at is None and last == (head.seq, head.mac)

    async def accept(self, session: AsyncSession, *, at: datetime, name: str, verdict: Verdict) -> int:
        """A named person takes note of a break; from here on the chain is trusted again. The row says so."""
        broken = verdict.bad_seq
        if broken is None:
            raise ValueError("nothing is broken")
        data: dict[str, str | int] = {"broken": broken, "problem": str(verdict.problem)}
        seq = await self.append(session, at=at, actor=name, action=_ACCEPTED, data=data)
        await self._seal(session, replace(await self._writable_head(session), broken_at=None))
        return seq

    async def pseudonym(self, session: AsyncSession, subject: str) -> str:
        """The random name that stands for ``subject`` in the audit; made at the first use."""
        if known := await _pseudonym(session, subject):
            return known
        # The head first, always: who makes a pseudonym and then appends must not wait for one who does it the
        # other way round.
        await _lock(session)
        await session.execute(
            insert_into(session, Pseudonym)
            .values(pseudonym=f"p-{secrets.token_hex(8)}", subject=subject)
            .on_conflict_do_nothing(index_elements=["subject"])
        )
        return await _pseudonym(session, subject) or ""

    async def subject(self, session: AsyncSession, pseudonym: str) -> str | None:
        """Whom a pseudonym stands for, unless that was erased."""
        return await session.scalar(
            select(col(Pseudonym.subject)).where(col(Pseudonym.pseudonym) == pseudonym)
        )

    async def erase(self, session: AsyncSession, subject: str) -> bool:
        """Forget whom a pseudonym stands for. The rows stay, and the chain with them."""
        gone = await session.execute(
            delete(Pseudonym).where(col(Pseudonym.subject) == subject).returning(col(Pseudonym.pseudonym))
        )
        return gone.first() is not None

    async def latest(self, session: AsyncSession, action: str) -> Mapping[str, object] | None:
        """What the last row of this action says, if there is one."""
        found = await session.scalar(
            select(col(AuditRow.data))
            .where(col(AuditRow.action) == action)
            .order_by(col(AuditRow.seq).desc())
            .limit(1)
        )
        return None if found is None else json.loads(found)

    async def unreported(self, session: AsyncSession) -> list[AuditSegment]:
        """The closed months whose end has not been sent outside yet."""
        rows = await session.scalars(
            select(AuditSegment)
            .where(col(AuditSegment.reported_at).is_(None))
            .order_by(col(AuditSegment.segment))
        )
        return list(rows)

    async def reported(self, session: AsyncSession, segment: str, now: datetime) -> None:
        """The end of this month was sent outside."""
        await session.execute(
            update(AuditSegment).where(col(AuditSegment.segment) == segment).values(reported_at=now)
        )

    async def _writable_head(self, session: AsyncSession) -> Head:
        """The head, locked; where it and the rows do not fit, the end of both, marked as broken."""
        head = await _lock(session)
        last_seq, last_mac = await _last(session)
        if head == _FRESH and last_seq == 0:
            return head
        if not head.sealed_by(self.keys):
            # Nothing it says can be relied on.
            return replace(_FRESH, seq=last_seq, mac=last_mac, broken_at=max(last_seq, 1))
        if head.seq == last_seq:
            return head
        broken_at = _first(head.broken_at, min(head.seq, last_seq) + 1)
        if head.seq > last_seq:
            return replace(head, broken_at=broken_at)
        return replace(head, seq=last_seq, mac=last_mac, broken_at=broken_at)

    async def _seal(self, session: AsyncSession, head: Head) -> None:
        head = replace(head, key_id=self.keys.signing)
        head = replace(head, seal=self.keys.sign(head.signed()))
        await session.execute(update(AuditHead).where(col(AuditHead.id) == 1).values(asdict(head)))

    async def _accepted(self, session: AsyncSession) -> list[Accepted]:
        rows = await session.execute(select(*_LINK).where(col(AuditRow.action) == _ACCEPTED))
        links = [Link(*row) for row in rows]
        return [
            Accepted(json.loads(link.data)["broken"], link.seq)
            for link in links
            if self.keys.verify(link.key_id, link.signed(), link.mac)
        ]

    async def _beyond(self, session: AsyncSession, verdict: Verdict) -> Verdict:
        """Rows past the head, which is read again: an append since then has moved both."""
        last_seq, _ = await _last(session)
        head = await _head(session)
        if head is None:
            return replace(verdict, bad_seq=last_seq + 1, problem=Problem.HEAD) if last_seq else verdict
        if last_seq > head.seq:
            return replace(verdict, bad_seq=head.seq + 1, problem=Problem.HEAD)
        return verdict


def _text(data: Facts, named: Mapping[str, str]) -> str:
    """Canonical JSON, kept as text: a JSON column would write it anew, and the signature would not hold."""
    cleaned = dict(named) | {
        name: clean(value) if isinstance(value, str) else value for name, value in data.items()
    }
    return json.dumps(cleaned, sort_keys=True, separators=(",", ":"))


def _first(*seqs: int | None) -> int:
    return min(seq for seq in seqs if seq is not None)


async def _head(session: AsyncSession, *, lock: bool = False) -> Head | None:
    wanted = select(*(col(getattr(AuditHead, field.name)) for field in fields(Head))).where(
        col(AuditHead.id) == 1
    )
    row = (await session.execute(wanted.with_for_update() if lock else wanted)).one_or_none()
    return Head(*row) if row else None


async def _lock(session: AsyncSession) -> Head:
    head = await _head(session, lock=True)
    if head is None:
        await session.execute(
            insert_into(session, AuditHead)
            .values(id=1, **asdict(_FRESH))
            .on_conflict_do_nothing(index_elements=["id"])
        )
        head = await _head(session, lock=True)
    return head or _FRESH


async def _last(session: AsyncSession) -> tuple[int, str]:
    row = (
        await session.execute(
            select(col(AuditRow.seq), col(AuditRow.mac)).order_by(col(AuditRow.seq).desc()).limit(1)
        )
    ).one_or_none()
    return (row.seq, row.mac) if row else (0, START)


async def _links(session: AsyncSession, up_to: int) -> AsyncIterator[Link]:
    after = 0
    while True:
        wanted = select(*_LINK).where(col(AuditRow.seq) > after, col(AuditRow.seq) <= up_to)
        rows = (await session.execute(wanted.order_by(col(AuditRow.seq)).limit(_BATCH))).all()
        for row in rows:
            yield Link(*row)
        if len(rows) < _BATCH:
            return
        after = rows[-1].seq


async def _closed(session: AsyncSession) -> dict[str, tuple[int, str]]:
    rows = await session.execute(
        select(col(AuditSegment.segment), col(AuditSegment.last_seq), col(AuditSegment.mac))
    )
    return {row.segment: (row.last_seq, row.mac) for row in rows}


async def _close(session: AsyncSession, head: Head, at: datetime) -> None:
    await session.execute(
        insert_into(session, AuditSegment)
        .values(segment=head.segment, last_seq=head.seq, mac=head.mac, closed_at=at)
        .on_conflict_do_nothing(index_elements=["segment"])
    )


async def _pseudonym(session: AsyncSession, subject: str) -> str | None:
    return await session.scalar(select(col(Pseudonym.pseudonym)).where(col(Pseudonym.subject) == subject))
