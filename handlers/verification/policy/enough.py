"""What is enough: from the evidence of a case to a verdict. Nothing that was left out of here counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import combinations
from typing import Final, assert_never

from handlers.verification.policy.classes import AccountClass
from handlers.verification.policy.routes import RouteKind
from handlers.verification.policy.rules import DEFAULT_RULES, NOTHING, Bar, Rules
from handlers.verification.policy.standing import Standing

HIGH: Final = 4
SUBSTANTIAL: Final = 3


@dataclass(frozen=True)
class Proof:
    """One piece of evidence, as the policy sees it."""

    route: str
    level: int
    at: datetime
    actor: str | None


@dataclass(frozen=True)
class Verdict:
    """Whether the evidence is enough, what it takes to act on it, and why."""

    enough: bool
    reason: str
    """``enough``, or what is wrong: ``class``, ``no-evidence``, ``evidence-old``, ``level``, ``second-method``,
    ``none-seen``, ``same-person``, ``second-agent``, ``phone-code``, ``highest``, ``forged``."""
    level: int = 0
    bar: Bar = NOTHING
    """What it takes to act on it."""
    basis: tuple[Proof, ...] = ()
    """The evidence that makes it enough."""

    @property
    def approvals(self) -> int:
        """How many have to say yes."""
        return self.bar.approvals

    @property
    def delay(self) -> timedelta:
        """How long after the last approval the pass can be shown."""
        return self.bar.delay


class _Row(Enum):
    """The rows of the table of what is enough, from the mildest."""

    ORDINARY = auto()
    STRICT = auto()
    STRICTEST = auto()

    @classmethod
    def of(cls, account_class: AccountClass, *, raised: bool) -> "_Row | None":
        match account_class:
            case AccountClass.A:
                return cls.STRICT if raised else cls.ORDINARY
            case AccountClass.B:
                return cls.STRICTEST if raised else cls.STRICT
            case AccountClass.C | AccountClass.D:
                return None
        assert_never(account_class)


def judge(
    account_class: AccountClass,
    proofs: Sequence[Proof],
    now: datetime,
    *,
    raised: bool = False,
    decided_at: datetime | None = None,
    rules: Rules = DEFAULT_RULES,
) -> Verdict:
    """What the evidence comes to. Once a first approver has decided, its age counts from then (``decided_at``).

    Evidence from the future (a clock that went backwards) counts as none, and so does that of a route which the
    rules do not know.
    """
    row = _Row.of(account_class, raised=raised)
    if row is None:
        return Verdict(enough=False, reason="class")
    oldest = min(now, decided_at or now) - rules.evidence_age
    found = _Found(rules, [proof for proof in proofs if oldest <= proof.at <= now])
    if not found.fresh:
        return Verdict(enough=False, reason="evidence-old" if proofs else "no-evidence")
    ways = list(_ways(row, found, rules))
    level = max(found.level(proof) for proof in found.fresh)
    if not ways:
        wanted = {_Row.ORDINARY: rules.strong, _Row.STRICT: rules.strict, _Row.STRICTEST: rules.strictest}[
            row
        ]
        reason = _ordinary_reason(found) if row is _Row.ORDINARY else _strict_reason(row, found)
        return Verdict(enough=False, reason=reason, level=level, bar=wanted)
    bar, basis = min(ways, key=lambda way: (way[0].approvals, way[0].delay))
    return Verdict(enough=True, reason="enough", level=level, bar=bar, basis=basis)


def judge_as(
    stands: Standing,
    proofs: Sequence[Proof],
    now: datetime,
    *,
    decided_at: datetime | None = None,
    rules: Rules = DEFAULT_RULES,
) -> Verdict:
    """The same for an account that stands like this."""
    account_class, raised = stands.classified.account_class, bool(stands.raised)
    return judge(account_class, proofs, now, raised=raised, decided_at=decided_at, rules=rules)


def renewed(basis: Sequence[Proof], proofs: Sequence[Proof], now: datetime, rules: Rules) -> bool:
    """Whether what was decided on ``basis`` was proved again by one of its methods within the time that counts.

    Where an eID is part of it, an eID of that level is asked for again.
    """
    found = _Found(rules, [proof for proof in proofs if now - rules.evidence_age <= proof.at <= now])
    eids = [found.level(proof) for proof in basis if found.kind(proof) is RouteKind.EID]
    if eids:
        return found.eid >= min(eids)
    return any(
        found.method(proof) == found.method(old) and found.level(proof) >= max(1, found.level(old))
        for proof in found.fresh
        for old in basis
    )


@dataclass(frozen=True)
class _Found:
    """The evidence that still counts, and what the rules make of it."""

    rules: Rules
    fresh: Sequence[Proof]

    def kind(self, proof: Proof) -> RouteKind | None:
        route = self.rules.route(proof.route)
        return route.kind if route else None

    def method(self, proof: Proof) -> tuple[RouteKind, str] | None:
        route = self.rules.route(proof.route)
        return route.method if route else None

    def level(self, proof: Proof) -> int:
        """Never more than the route is worth today."""
        route = self.rules.route(proof.route)
        return min(proof.level, route.level, route.most) if route else 0

    @property
    def eid(self) -> int:
        """The highest level of an eID."""
        return max(
            (self.level(proof) for proof in self.fresh if self.kind(proof) is RouteKind.EID), default=0
        )

    @property
    def desks(self) -> Sequence[Proof]:
        """One proof for each agent who saw the requester in person."""
        seen = (proof for proof in self.fresh if self.kind(proof) is RouteKind.SEEN)
        return list({proof.actor: proof for proof in seen if self.level(proof) >= SUBSTANTIAL}.values())

    @property
    def two_desks(self) -> Sequence[Proof]:
        """Two agents, each of whom saw the requester in person."""
        named = [proof for proof in self.desks if proof.actor is not None]
        return named[:2] if len(named) > 1 else ()

    @property
    def phone(self) -> Sequence[Proof]:
        """Codes that were sent to the phone on file."""
        wanted = (RouteKind.CODE, "phone")
        return [proof for proof in self.fresh if self.method(proof) == wanted and self.level(proof) > 0]

    @property
    def weak(self) -> Sequence[Proof]:
        """What counts a little: somebody who saw or recognised the requester, and codes."""
        kinds = (RouteKind.SEEN, RouteKind.CODE)
        return [proof for proof in self.fresh if self.kind(proof) in kinds and self.level(proof) > 0]

    def of_eid(self, level: int) -> Proof | None:
        """An eID of this level at least."""
        eids = (proof for proof in self.fresh if self.kind(proof) is RouteKind.EID)
        return next((proof for proof in eids if self.level(proof) >= level), None)

    def different(self) -> Sequence[tuple[Proof, Proof]]:
        """Pairs of weak proofs by different methods."""
        pairs = combinations(self.weak, 2)
        return [(one, other) for one, other in pairs if self.method(one) != self.method(other)]

    def seen(self, pair: tuple[Proof, Proof]) -> bool:
        """Whether somebody saw or recognised the requester: codes alone can all be stolen from afar."""
        return any(self.kind(proof) is RouteKind.SEEN for proof in pair)


def _ways(row: _Row, found: _Found, rules: Rules) -> Iterator[tuple[Bar, tuple[Proof, ...]]]:
    """Every way in which the evidence is enough, with what it takes and what it rests on."""
    match row:
        case _Row.ORDINARY:
            if eid := found.of_eid(SUBSTANTIAL):
                yield rules.strong, (eid,)
            if found.desks:
                yield rules.strong, (found.desks[0],)
            for pair in found.different():
                if found.seen(pair) and not _same_actor(pair):
                    yield rules.weak, pair
        case _Row.STRICT:
            yield from _highest(rules.strict, found)
            if (eid := found.of_eid(SUBSTANTIAL)) and found.phone:
                yield rules.strict_eid, (eid, found.phone[0])
        case _Row.STRICTEST:
            yield from _highest(rules.strictest, found)
        case _ as never:
            assert_never(never)


def _highest(bar: Bar, found: _Found) -> Iterator[tuple[Bar, tuple[Proof, ...]]]:
    if eid := found.of_eid(HIGH):
        yield bar, (eid,)
    if two := found.two_desks:
        yield bar, tuple(two)


def _same_actor(pair: tuple[Proof, Proof]) -> bool:
    return pair[0].actor is not None and pair[0].actor == pair[1].actor


def _ordinary_reason(found: _Found) -> str:
    if not found.weak:
        return "level"
    pairs = found.different()
    if not pairs:
        return "second-method"
    return "same-person" if any(found.seen(pair) for pair in pairs) else "none-seen"


def _strict_reason(row: _Row, found: _Found) -> str:
    if found.desks:
        return "second-agent"
    return "phone-code" if row is _Row.STRICT and found.eid >= SUBSTANTIAL else "highest"
