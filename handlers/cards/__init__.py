"""Tells chat how a case stands: the live card for support, the news for the owner of the account."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.cards.drawing import MANY, drawn, held
from handlers.events import Person, Place
from handlers.messages import ApprovalCard, CaseNews, Data, Language
from handlers.records import CardCopy, Case, Evidence
from handlers.states import CaseState, Finding
from handlers.store import approvals as store
from handlers.store import claims, copies, evidence, outbox, people
from handlers.store.errors import EvidenceForged
from handlers.store.keys import EvidenceKeys
from handlers.support import SupportChannel, SupportChannels
from handlers.verification import policy

__all__ = ["Cards", "held"]

log = structlog.get_logger(__name__)

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Cards:
    """Writes the messages into the outbox, in the transaction that moves the case: they follow the stored state."""

    channels: SupportChannels
    keys: EvidenceKeys
    rules: policy.Rules = policy.DEFAULT_RULES
    evaluation: bool = False
    """Whether everything is a trial, which the messages then say."""

    async def refresh(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """Post the card of a case in each support channel, or bring it up to date wherever it stands."""
        card = await self.draw(session, case, now)
        if card is None:
            return
        mark = _mark(card, now)
        for channel in self.channels:
            await self._place(session, card, _in(channel, case, mark), now)
        for copy in await copies.of_case(session, case.id):
            await self._place(session, replace(card, handed_by=copy.handed_by), _of_copy(copy, mark), now)

    async def draw(self, session: AsyncSession, case: Case, now: datetime) -> ApprovalCard | None:
        """The card as it is to be now; none before there is evidence.

        Forged evidence holds no move up, least of all the one that stops a case: the card then says that it is
        not enough.
        """
        proofs: list[Evidence] | None
        try:
            proofs = await evidence.of_case(session, self.keys, case.id)
        except EvidenceForged:
            log.critical("evidence-forged", case=case.id)
            proofs = None
        return await self._drawn(session, case, proofs, now) if proofs != [] else None

    async def show_to(self, session: AsyncSession, case: Case, copy: CardCopy, now: datetime) -> bool:
        """Let the card stand in somebody's private chat too. False when it does already."""
        if not await copies.add(session, copy):
            return False
        await self.refresh(session, case, now)
        return True

    async def _drawn(
        self, session: AsyncSession, case: Case, proofs: list[Evidence] | None, now: datetime
    ) -> ApprovalCard:
        votes = await store.of_case(session, case.id)
        names = {claim.attester: claim.attester_name for claim in await claims.of_case(session, case.id)}
        if case.agent is not None and case.agent_name is not None:
            names.setdefault(case.agent, case.agent_name)
        busy = {}
        for vote in votes:
            count = len(await store.of_approver(session, vote.approver, vote.at - _DAY, until=vote.at))
            busy[vote.approver] = count if count >= MANY else 0
        card = drawn(case, proofs, votes, names, self.rules, busy, now)
        return replace(card, evaluation=self.evaluation)

    async def news(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """Tell the owner of the account, in every chat we know them in."""
        news = CaseNews(
            case.id,
            CaseState(case.state),
            case.not_before,
            case.denied_reason,
            self.evaluation,
            Finding(case.found),
            minutes_left(case, now),
            case.registered_kind,
            case.registered_name,
        )
        await self.tell_owner(session, case, f"news:{case.id}:{_stands(case)}", news, now)

    async def tell_owner(
        self, session: AsyncSession, case: Case, key: str, told: Data, now: datetime
    ) -> None:
        """The same for anything else there is to tell."""
        for person in await people.people_of(session, case.target):
            language = await people.language_of(session, person) or Language(case.language)
            at = f"{key}:{person.platform}:{person.user}"
            await outbox.add(
                session, outbox.Post(at, person, told, language, now, priority=2), tenant=person.tenant
            )

    async def tell(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """Both."""
        await self.refresh(session, case, now)
        await self.news(session, case, now)

    async def _place(self, session: AsyncSession, card: ApprovalCard, at: "_At", now: datetime) -> None:
        post = outbox.Post(at.key, at.target, card, at.language, now, priority=1)
        if not await outbox.add(session, post, tenant=at.tenant):
            again = replace(post, key=f"{at.key}:{at.mark}", replaces=at.key)
            await outbox.add(session, again, tenant=at.tenant)


def minutes_left(case: Case, now: datetime) -> int:
    """How long the sign-in by the pass lasts, in whole minutes."""
    if case.state != CaseState.USED or case.register_until is None:
        return 0
    return max(0, int((case.register_until - now).total_seconds()) // 60)


def _stands(case: Case) -> str:
    """What the owner is told once each."""
    stands = f"{case.state}:{case.issue_attempt}"
    return f"{stands}:{case.found}" if case.found else stands


@dataclass(frozen=True)
class _At:
    """One place where the card stands, and what tells this version of it from every other."""

    key: str
    mark: str
    target: Person | Place
    tenant: str
    language: Language


def _in(channel: SupportChannel, case: Case, mark: str) -> _At:
    return _At(channel.key(f"card:{case.id}"), mark, channel.place, channel.tenant, channel.language)


def _of_copy(copy: CardCopy, mark: str) -> _At:
    person = Person(copy.platform, copy.tenant, copy.user)
    key = f"card:{copy.case}:to:{copy.platform}:{copy.tenant}:{copy.user}"
    return _At(key, mark, person, person.tenant, Language(copy.language))


def _mark(card: ApprovalCard, now: datetime) -> str:
    """The same card drawn twice at one moment is one; what it once showed and shows again is told anew."""
    shown = hashlib.sha256(repr(card).encode()).hexdigest()[:8]
    return f"{card.state}:{shown}:{now:%Y%m%dT%H%M%S%f}"
