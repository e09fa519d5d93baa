"""The steps of each guide, and where a press leads. Rules only: no look-up, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, assert_never


class Guide(StrEnum):
    """What people are taken through."""

    SETUP = "setup"
    NEW_PHONE = "new-phone"
    REMOVE_OLD = "remove-old"


class Device(StrEnum):
    """The kind of phone: tips differ."""

    IPHONE = "iphone"
    ANDROID = "android"


class Step(StrEnum):
    """One thing to do at a time."""

    DEVICE = "device"
    """Which phone is it?"""
    APP = "app"
    """Install the app."""
    PAGE = "page"
    """Open the page of sign-in methods on the computer."""
    ADD = "add"
    """Add a method there."""
    SCAN = "scan"
    """Scan the QR code."""
    TEST = "test"
    """Approve the test, or type its number."""
    REMOVE = "remove"
    """Remove the old method."""
    DONE = "done"
    """See whether it is there, or gone."""


class View(StrEnum):
    """What the card shows of a step."""

    STEP = "step"
    STUCK = "stuck"
    """Tips for exactly this step."""
    LOOK = "look"
    """A look in Graph is under way, or due."""
    END = "end"
    """What the look has shown."""
    STOPPED = "stopped"
    """It waits, since that was asked for."""
    AGAIN = "again"
    """Begun anew while one waits: go on, or from the beginning?"""


class Press(StrEnum):
    """The buttons of a card. The name of their action is ``setup.`` and this."""

    IPHONE = "iphone"
    ANDROID = "android"
    NEXT = "next"
    BACK = "back"
    STUCK = "stuck"
    RETURN = "return"
    STOP = "stop"
    LOOK = "look"
    RESUME = "resume"
    AGAIN = "again"


_SETTING_UP: Final = (Step.DEVICE, Step.APP, Step.PAGE, Step.ADD, Step.SCAN, Step.TEST, Step.DONE)
STEPS: Final[Mapping[Guide, tuple[Step, ...]]] = {
    Guide.SETUP: _SETTING_UP,
    Guide.NEW_PHONE: _SETTING_UP,
    Guide.REMOVE_OLD: (Step.REMOVE, Step.DONE),
}
_DEVICES: Final = {Press.IPHONE: Device.IPHONE, Press.ANDROID: Device.ANDROID}


@dataclass(frozen=True)
class At:
    """Where somebody is in a guide, and what the card shows of it."""

    guide: Guide
    step: Step
    view: View = View.STEP
    device: Device | None = None


def first(guide: Guide) -> At:
    """The beginning of a guide."""
    return _entered(At(guide, STEPS[guide][0]))


def pressed(at: At, press: Press) -> At | None:
    """Where a press leads; nowhere when the card has no such button.

    The step that has something removed is never shown unseen: whoever enters it is looked at first.
    """
    match at.view:
        case View.STEP:
            return _from_step(at, press)
        case View.STUCK:
            return _entered(at) if press is Press.RETURN else None
        case View.LOOK:
            return _from_look(at, press)
        case View.END:
            return _from_end(at, press)
        case View.STOPPED | View.AGAIN:
            if press is Press.AGAIN:
                return first(at.guide)
            return _entered(at) if press is Press.RESUME else None
        case _ as never:
            assert_never(never)


def offered(at: At) -> tuple[Press, ...]:
    """The presses that lead somewhere."""
    return tuple(press for press in Press if pressed(at, press) is not None)


def shown_again(at: At, *, finished: bool) -> At:
    """The same place, for a card whose last words nobody has kept."""
    if finished:
        return replace(at, view=View.AGAIN)
    return _entered(at) if at.view is View.END else at


def number(at: At) -> int:
    """Which step it is, counted from 1; the question about the phone is none."""
    return STEPS[at.guide].index(at.step) - (STEPS[at.guide][0] is Step.DEVICE) + 1


def count(guide: Guide) -> int:
    """How many steps there are to do."""
    return sum(step not in (Step.DEVICE, Step.DONE) for step in STEPS[guide])


def is_before_scan(at: At) -> bool:
    """Whether nothing can have been registered yet by the steps so far."""
    return at.step in (Step.DEVICE, Step.APP, Step.PAGE, Step.ADD)


def _from_step(at: At, press: Press) -> At | None:
    if press is Press.STOP:
        return replace(at, view=View.STOPPED)
    if at.step is Step.DEVICE:
        device = _DEVICES.get(press)
        return _moved(replace(at, device=device), 1) if device else None
    match press:
        case Press.NEXT:
            return _moved(at, 1)
        case Press.BACK:
            return _moved(at, -1)
        case Press.STUCK:
            return replace(at, view=View.STUCK)
        case _:
            return None


def _from_look(at: At, press: Press) -> At | None:
    match press:
        case Press.LOOK:
            return at
        case Press.BACK:
            return _moved(at, -1)
        case Press.STOP:
            return replace(at, view=View.STOPPED)
        case _:
            return None


def _from_end(at: At, press: Press) -> At | None:
    if at.step is Step.DEVICE:
        return _entered(at) if press is Press.RESUME else None
    if press is Press.STUCK:
        return replace(at, view=View.STUCK) if at.step is Step.DONE else None
    return _from_look(_entered(at), press)


def _moved(at: At, by: int) -> At | None:
    steps = STEPS[at.guide]
    place = steps.index(at.step) + by
    return _entered(replace(at, step=steps[place])) if 0 <= place < len(steps) else None


def _entered(at: At) -> At:
    looked_at = at.step in (Step.REMOVE, Step.DONE)
    return replace(at, view=View.LOOK if looked_at else View.STEP)
