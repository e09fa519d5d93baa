"""From the pass to a phone that works: what to make of what Graph tells, and when to look next. Rules only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from graph.methods import Kind, Method
from graph.passes import Reason, TemporaryAccessPass
from handlers.records import Case
from handlers.states import CaseState, Finding, OldState

TO_REGISTER: Final = timedelta(minutes=10)
"""How long a sign-in by a one-time pass lasts for whoever registers a method.
https://learn.microsoft.com/entra/identity/authentication/howto-authentication-temporary-access-pass"""
_GRACE: Final = timedelta(minutes=10)
"""How long a new method may take to be listed once nothing more can be registered."""
_SKEW: Final = timedelta(seconds=30)
"""How far Graph's clock and ours may differ."""
_PACE: Final = (
    (timedelta(minutes=5), timedelta(seconds=15)),
    (timedelta(minutes=30), timedelta(seconds=30)),
    (timedelta(hours=2), timedelta(minutes=5)),
    (timedelta(hours=24), timedelta(minutes=30)),
)
"""How long a case has stood where it is, and how far apart the looks are then."""
_SELDOM: Final = timedelta(hours=6)
_ON_A_PHONE: Final = frozenset({Kind.AUTHENTICATOR, Kind.SOFTWARE_OATH, Kind.PHONE})
_OFFICE: Final = "office"
_ALTERNATE: Final = "alternateMobile"
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    """What Graph's list of methods says of a case."""

    new: Method | None
    """The strong method since the pass was issued; an app before anything else."""
    old: tuple[Method, ...]
    """What a phone from before it can still be used for."""
    others: frozenset[str] = frozenset()
    """Ids of whatever else one can sign in with for good; a number for text messages is none."""


def compare(methods: Sequence[Method], case: Case) -> Seen:
    """Tell what is new from what was there before."""
    strong = [method for method in methods if method.is_strong]
    new = [method for method in strong if not is_old(method, case)]
    old = tuple(method for method in strong if is_old(method, case) and _is_on_a_phone(method))
    found = _newest(new)
    others = (method.id for method in strong if method is not found and method.kind is not Kind.PHONE)
    return Seen(found, old, frozenset(others))


def is_old(method: Method, case: Case) -> bool:
    """Whether it was there before the pass. A number that was registered anew keeps its id, and is not."""
    known = case.methods_before.split(",") if case.methods_before else []
    anew = (
        method.created is not None and case.issued_at is not None and method.created > case.issued_at + _SKEW
    )
    return method.id in known and not anew


def hindrance(method_id: str, methods: Sequence[Method], case: Case) -> OldState | None:
    """Why this one is not to be deleted, with what is there now; nothing when it may be.

    What was not there before the pass never goes, and nothing goes unless a new method is there beside it.
    """
    found = next((method for method in methods if method.id == method_id), None)
    if found is None or not is_old(found, case):
        return OldState.GONE
    others = [method for method in methods if method.is_strong and method.id != method_id]
    if not any(not is_old(method, case) for method in others):
        return OldState.LAST
    if not found.is_removable:
        return OldState.FORBIDDEN
    is_first = found.kind is Kind.PHONE and found.phone_type not in (_OFFICE, _ALTERNATE)
    second = any(method.kind is Kind.PHONE and method.phone_type == _ALTERNATE for method in others)
    return OldState.OTHER_FIRST if is_first and second else None


def of_pass(found: TemporaryAccessPass | None, now: datetime) -> Finding:
    """What there is to say of the pass. That it works is Graph's word alone."""
    if found is None:
        return Finding.GONE
    match found.reason:
        case Reason.USED:
            return Finding.USED
        case Reason.EXPIRED:
            return Finding.UNUSED
        case Reason.DISABLED:
            return Finding.POLICY
        case Reason.ENABLED | Reason.NOT_YET | Reason.UNKNOWN:
            if now >= found.expires + _GRACE:
                return Finding.UNUSED
            return Finding.WORKS if found.usable else Finding.WAITS


def register_until(case: Case, now: datetime) -> datetime:
    """Until when a method can be registered, for a pass that is seen to be used now: it was since the last look."""
    began = now - _wait(now - case.state_at)
    until = began + TO_REGISTER
    return until if case.pass_expires_at is None else min(until, case.pass_expires_at)


def is_too_late(case: Case, now: datetime) -> bool:
    """Whether nothing new can come of the pass any more."""
    ends = [each for each in (case.register_until, case.pass_expires_at) if each is not None]
    return bool(ends) and now >= max(ends) + _GRACE


def next_look(case: Case, now: datetime) -> datetime:
    """When to look again: soon while somebody sits there, seldom later, and once at the end of the pass."""
    at = now + _wait(now - case.state_at)
    end = case.pass_expires_at
    if case.state == CaseState.ISSUED and end is not None and now < end < at:
        return end
    return at


def after_trouble(case: Case, now: datetime) -> datetime:
    """When to look again where Graph did not answer."""
    soon = now - case.state_at < TO_REGISTER
    return max(next_look(case, now), now + timedelta(minutes=1 if soon else 5))


def _wait(stood: timedelta) -> timedelta:
    return next((wait for until, wait in _PACE if stood < until), _SELDOM)


def _is_on_a_phone(method: Method) -> bool:
    """A number moves with the SIM card, but the card was in the phone; the one in the office was not."""
    return method.kind in _ON_A_PHONE and method.phone_type != _OFFICE


def _newest(methods: Sequence[Method]) -> Method | None:
    return max(
        methods,
        key=lambda method: (method.kind is Kind.AUTHENTICATOR, method.created or _NEVER),
        default=None,
    )
