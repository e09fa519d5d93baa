"""Tells chat how a case stands: the live card for support, the news for the owner of the account."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.events import Place
from handlers.messages import ApprovalCard, CaseNews, Language, ProofLine, Vote
from handlers.records import Approval, Case, Evidence
from handlers.states import CaseState
from handlers.store import approvals as store
from handlers.store import claims, evidence, outbox, people
from handlers.store.errors import EvidenceForged
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy

log = structlog.get_logger(__name__)

_UNTOLD = policy.Standing(policy.Classified(policy.AccountClass.A, "ordinary"))
"""Of cases that were judged before this was written down: what may be done with them is asked anew anyway."""


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
    rules: policy.Rules = policy.DEFAULT_RULES
    evaluation: bool = False
    """Whether everything is a trial, which the messages then say."""

    async def refresh(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """Post the card of a case, or bring the posted one up to date.

        Forged evidence holds no move up, least of all the one that stops a case: the card then says that it is
        not enough.
        """
        proofs: list[Evidence] | None
        try:
            proofs = await evidence.of_case(session, self.keys, case.id)
        except EvidenceForged:
            log.critical("evidence-forged", case=case.id)
            proofs = None
        if proofs == []:
            return
        votes = await store.of_case(session, case.id)
        names = {claim.attester: claim.attester_name for claim in await claims.of_case(session, case.id)}
        if case.agent is not None and case.agent_name is not None:
            names.setdefault(case.agent, case.agent_name)
        card = replace(_card(case, proofs, votes, names, self.rules, now), evaluation=self.evaluation)
        first = f"card:{case.id}"
        if not await self._post(session, card, first, None, now):
            counts = f"{case.issue_attempt}:{len(votes)}:{len(proofs or ())}"
            revision = f"{case.state}:{counts}:{card.verdict}:{_short(case.signs)}"
            await self._post(session, card, f"{first}:{revision}", first, now)

    async def news(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """Tell the owner of the account, in every chat we know them in."""
        for person in await people.people_of(session, case.target):
            await outbox.add(
                session,
                outbox.Post(
                    key=f"news:{case.id}:{case.state}:{case.issue_attempt}:{person.platform}:{person.user}",
                    target=person,
                    data=CaseNews(case.id, CaseState(case.state), case.not_before, self.evaluation),
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


def _card(
    case: Case,
    rows: Sequence[Evidence] | None,
    votes: Sequence[Approval],
    names: Mapping[str, str],
    rules: policy.Rules,
    now: datetime,
) -> ApprovalCard:
    """Everything on the card comes from rows: how the account stood is what the last verdict found."""
    stood = policy.Standing.read(case.signs) or _UNTOLD
    proofs = [policy.Proof(row.route, row.level, row.at, row.actor) for row in rows or ()]
    decided_at = votes[0].at if votes else None
    verdict = policy.judge_as(stood, proofs, now, decided_at=decided_at, rules=rules)
    newest = max((proof.at for proof in proofs), default=None)
    lines = [_line(row, names, verdict, rules, decided_at) for row in rows or ()]
    return ApprovalCard(
        case=case.id,
        state=CaseState(case.state),
        name=case.target_name,
        upn=case.target_upn,
        department=case.target_department,
        proofs=tuple(sorted(lines, key=lambda line: not line.counts)),
        proved_at=newest,
        verdict="forged" if rows is None else verdict.reason,
        minutes=max(0, int((now - newest).total_seconds()) // 60) if newest else 0,
        wait_minutes=int(verdict.delay.total_seconds()) // 60,
        staffed=verdict.bar.staffed,
        not_before=case.not_before,
        sensitive=stood.classified.account_class is policy.AccountClass.B,
        raised=stood.raised,
        unknown=stood.unknown,
        approvals=tuple(Vote(vote.approver_name, vote.at) for vote in votes),
        approvals_wanted=max(case.approvals_wanted, verdict.approvals),
        denied_by=case.denied_by,
    )


def _line(
    row: Evidence,
    names: Mapping[str, str],
    verdict: policy.Verdict,
    rules: policy.Rules,
    decided_at: datetime | None,
) -> ProofLine:
    route = rules.route(row.route)
    seen = route is not None and route.kind is policy.RouteKind.SEEN
    proof = policy.Proof(row.route, row.level, row.at, row.actor)
    return ProofLine(
        way=route.way if route is not None else row.route,
        level=row.level,
        at=row.at,
        who=names.get(row.actor, "") if row.actor else "",
        detail="" if seen else row.detail,
        told=tuple(part for part in row.detail.split(",") if part) if seen else (),
        counts=not verdict.enough or proof in verdict.basis,
        renews=decided_at is not None and row.at > decided_at,
    )


def _short(text: str) -> str:
    """What tells two texts apart, short enough for a key."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
