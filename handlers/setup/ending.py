"""What the sign-in methods of an account say about a guide. Rules only: no look-up, no clock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, assert_never

from graph.methods import Kind, Method
from handlers.setup.steps import At, Guide, Step, View

PHONE_KINDS: Final = frozenset({Kind.AUTHENTICATOR, Kind.SOFTWARE_OATH})
"""What lives in a telephone. A number does not: it moves with the SIM card."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Outcome(StrEnum):
    """What a look has shown."""

    DONE = "done"
    """What the guide is for is there, or gone."""
    ALREADY = "already"
    """It was there before the guide began."""
    NOT_YET = "not-yet"
    """Nothing new is there."""
    MAY_REMOVE = "may-remove"
    """The old one is there, and another stays when it goes."""
    ONLY_ONE = "only-one"
    """The one there is must stay."""
    NOTHING_OLD = "nothing-old"
    """No telephone is registered at all."""
    NO_ACCOUNT = "no-account"
    """Nobody knows whose account to look at."""
    NO_ANSWER = "no-answer"
    """Microsoft does not answer."""
    TOO_SOON = "too-soon"
    """It was looked at just now."""


@dataclass(frozen=True)
class Verdict:
    """The outcome, and what the owner would know it by."""

    outcome: Outcome
    method: Method | None = None
    """The method that is new, or the one that stays."""
    spare: bool = False
    """Whether there is another one besides, should the phone get lost."""


def judge(
    guide: Guide, methods: Sequence[Method], before: Collection[str] | None, *, own_telecom: bool
) -> Verdict:
    """Where a guide stands. ``before``: ids of what was there at its start, where that is known."""
    lasting = [method for method in methods if _lasts(method, own_telecom=own_telecom)]
    match guide:
        case Guide.SETUP:
            return _set_up(lasting, before)
        case Guide.NEW_PHONE:
            return _moved(lasting, before)
        case Guide.REMOVE_OLD:
            return _removed(lasting, before)
        case _ as never:
            assert_never(never)


def at_start(guide: Guide, methods: Sequence[Method]) -> tuple[str, ...]:
    """The ids to keep from the start of a guide: of every second factor, or where it is about these, of telephones."""
    if guide is Guide.SETUP:
        return tuple(method.id for method in methods if method.is_strong)
    return tuple(method.id for method in methods if method.kind in PHONE_KINDS)


def has_old(methods: Sequence[Method], before: Collection[str] | None) -> bool:
    """Whether a telephone that was there at the start still is. Where nobody knows, it may be."""
    phones = (method for method in methods if method.kind in PHONE_KINDS)
    return any(before is None or method.id in before for method in phones)


def leads_to(at: At, verdict: Verdict, *, old_left: bool) -> At:
    """Where a look leads: to what is to be removed once that is safe, else to the end of the guide."""
    if verdict.outcome is Outcome.MAY_REMOVE and at.step is Step.REMOVE:
        return replace(at, view=View.STEP)
    if verdict.outcome is Outcome.DONE and at.guide is Guide.NEW_PHONE and old_left:
        return At(Guide.REMOVE_OLD, Step.REMOVE, View.STEP, at.device)
    return replace(at, view=View.END)


def _set_up(lasting: Sequence[Method], before: Collection[str] | None) -> Verdict:
    """Done is who has a new method; or the app, though it may be an old one where nobody knows what was before."""
    new = _newest([method for method in lasting if before is not None and method.id not in before])
    app = _newest([method for method in lasting if method.kind is Kind.AUTHENTICATOR])
    if new is None and app is None:
        return Verdict(Outcome.NOT_YET)
    old = new is None and before is not None
    return Verdict(Outcome.ALREADY if old else Outcome.DONE, new or app, len(lasting) > 1)


def _moved(lasting: Sequence[Method], before: Collection[str] | None) -> Verdict:
    """Done is who has another telephone than before. Where nobody knows what was before: who has two."""
    phones = [method for method in lasting if method.kind in PHONE_KINDS]
    if before is None:
        new = phones if len(phones) > 1 else []
    else:
        new = [method for method in phones if method.id not in before]
    found = _newest(new)
    if found is None:
        return Verdict(Outcome.NOT_YET, _newest(phones))
    return Verdict(Outcome.DONE, found, len(lasting) > 1)


def _removed(lasting: Sequence[Method], before: Collection[str] | None) -> Verdict:
    """Done is who had a telephone that is gone, and keeps another method. The last one is never to go."""
    phones = [method for method in lasting if method.kind in PHONE_KINDS]
    gone = set(before or ()) - {method.id for method in lasting}
    if lasting and gone:
        return Verdict(Outcome.DONE, _newest(lasting), len(lasting) > 1)
    if not phones:
        return Verdict(Outcome.NOTHING_OLD)
    if len(lasting) == 1:
        return Verdict(Outcome.ONLY_ONE, phones[0])
    return Verdict(Outcome.MAY_REMOVE, _newest(lasting))


def _newest(methods: Sequence[Method]) -> Method | None:
    """An app before anything else; Graph does not always tell when one was registered."""
    return max(
        methods,
        key=lambda method: (method.kind is Kind.AUTHENTICATOR, method.created or _NEVER),
        default=None,
    )


def _lasts(method: Method, *, own_telecom: bool) -> bool:
    """Whether one can sign in with it for good: SMS and voice stop, unless they are the organisation's own."""
    return method.is_strong and (own_telecom or method.kind is not Kind.PHONE)
