"""Tells chat how a case stands: the live card for support, the news for the owner of the account."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.events import Place
from handlers.messages import ApprovalCard, CaseNews, Language, Vote
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import approvals as store
from handlers.store import evidence, outbox, people
from handlers.store.errors import EvidenceForged
from handlers.store.keys import EvidenceKeys

log = structlog.get_logger(__name__)

_UNREADABLE = "–"
"""Stands on the card where the evidence was changed outside this program."""


@dataclass(frozen=True)
class SupportChannel:
    """Where support works."""

    tenant: str
    place: Place
    language: Language


@dataclass(frozen=True)
class Cards:
    """Writes the messages into the outbox, in the transaction that moves the case: they follow the stored state."""

    channel: SupportChannel
    keys: EvidenceKeys

    async def refresh(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """Post the card of a case, or bring the posted one up to date.

        Forged evidence holds no move up, least of all the one that stops a case: the card then says that it is
        not enough.
        """
        try:
            proofs = await evidence.of_case(session, self.keys, case.id)
        except EvidenceForged:
            log.critical("evidence-forged", case=case.id)
            proofs = []
        else:
            if not proofs:
                return
        newest = max(proofs, key=lambda proof: proof.at, default=None)
        votes = tuple(Vote(vote.approver_name, vote.at) for vote in await store.of_case(session, case.id))
        card = ApprovalCard(
            case=case.id,
            state=CaseState(case.state),
            name=case.target_name,
            upn=case.target_upn,
            department=case.target_department,
            evidence=newest.route if newest else _UNREADABLE,
            level=newest.level if newest else 0,
            agent=case.agent_name or "",
            seen_at=newest.at if newest else case.state_at,
            provider=newest.detail if newest and newest.route == "eid" else "",
            approvals=votes,
            approvals_wanted=case.approvals_wanted,
            denied_by=case.denied_by,
            enough=newest is not None,
        )
        first = f"card:{case.id}"
        if not await self._post(session, card, first, None, now):
            revision = f"{case.state}:{case.issue_attempt}:{len(votes)}:{len(proofs)}"
            await self._post(session, card, f"{first}:{revision}", first, now)

    async def news(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """Tell the owner of the account, in every chat we know them in."""
        for person in await people.people_of(session, case.target):
            await outbox.add(
                session,
                outbox.Post(
                    key=f"news:{case.id}:{case.state}:{case.issue_attempt}:{person.platform}:{person.user}",
                    target=person,
                    data=CaseNews(case.id, CaseState(case.state)),
                    language=await people.language_of(session, person) or Language(case.language),
                    due_at=now,
                    priority=2,
                ),
                tenant=person.tenant,
            )

    async def tell(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """Both."""
        await self.refresh(session, case, now)
        await self.news(session, case, now)

    async def _post(
        self, session: AsyncSession, card: ApprovalCard, key: str, replaces: str | None, now: datetime
    ) -> bool:
        post = outbox.Post(
            key=key,
            target=self.channel.place,
            data=card,
            language=self.channel.language,
            due_at=now,
            priority=1,
            replaces=replaces,
        )
        return await outbox.add(session, post, tenant=self.channel.tenant)
