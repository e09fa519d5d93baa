"""The card of a case, drawn from rows alone: nothing is asked of anybody outside while it is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handlers.messages import ApprovalCard, ProofLine, Vote
from handlers.records import Approval, Case, Evidence
from handlers.states import CaseState
from handlers.verification import policy

HELD_FOR: Final = timedelta(minutes=10)
"""How long somebody who said to be on it is taken to be."""
MANY: Final = 10
"""So many approvals of one approver in a day are worth telling."""

_UNTOLD = policy.Standing(policy.Classified(policy.AccountClass.A, "ordinary"))
"""Of cases that were judged before this was written down: what may be done with them is asked anew anyway."""


@dataclass(frozen=True)
class Holder:
    """Who is on a case."""

    account: str
    name: str
    since: datetime


def held(case: Case, now: datetime) -> Holder | None:
    """Who is on it now, if anybody is: only while there is something to decide, and not for ever."""
    if case.state != CaseState.VERIFIED or case.held_by is None or case.held_at is None:
        return None
    if now - case.held_at >= HELD_FOR:
        return None
    return Holder(case.held_by, case.held_name or "", case.held_at)


def drawn(
    case: Case,
    rows: Sequence[Evidence] | None,
    votes: Sequence[Approval],
    names: Mapping[str, str],
    rules: policy.Rules,
    busy: Mapping[str, int],
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
        approvals=tuple(Vote(vote.approver_name, vote.at, busy.get(vote.approver, 0)) for vote in votes),
        approvals_wanted=max(case.approvals_wanted, verdict.approvals),
        denied_by=case.denied_by,
        denied_at=case.state_at if case.denied_by else None,
        denied_reason=case.denied_reason,
        held_by=holder.name if (holder := held(case, now)) else None,
        held_at=holder.since if holder else None,
        nobody=case.nobody if case.state == CaseState.VERIFIED else "",
        ticket=case.ticket,
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
