"""Where presses lead: never out of a guide, back the way they came, and to no removal that was not looked at."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.messages import Data, SetupLook, SetupPause, SetupStep, SetupStuck
from handlers.setup.steps import (
    STEPS,
    At,
    Device,
    Guide,
    Press,
    Step,
    View,
    count,
    first,
    is_before_scan,
    number,
    offered,
    pressed,
    shown_again,
)

guides = st.sampled_from(Guide)
walks = st.lists(st.sampled_from(Press), max_size=40)


def walked(guide: Guide, presses: list[Press]) -> At:
    """Where somebody stands who presses all this; what is not on the card does nothing."""
    at = first(guide)
    for press in presses:
        at = pressed(at, press) or at
    return at


@given(guides, walks)
def test_no_presses_lead_out_of_a_guide(guide: Guide, presses: list[Press]) -> None:
    at = walked(guide, presses)
    assert at.guide is guide
    assert at.step in STEPS[guide]
    assert 0 <= number(at) <= count(guide) + 1
    assert offered(at), "nobody is left without a button"


@given(guides, walks)
def test_back_undoes_next(guide: Guide, presses: list[Press]) -> None:
    at = walked(guide, presses)
    for forward in (Press.NEXT, Press.IPHONE, Press.ANDROID):
        on = pressed(at, forward)
        if on is not None:
            back = pressed(on, Press.BACK)
            device = on.device
            removal = at.step is Step.REMOVE
            assert back == replace(at, device=device, view=View.LOOK if removal else View.STEP)


@given(guides, walks)
def test_tips_lead_back_to_their_step(guide: Guide, presses: list[Press]) -> None:
    at = walked(guide, presses)
    tips = pressed(at, Press.STUCK)
    if tips is not None:
        assert tips == replace(at, view=View.STUCK)
        again = pressed(tips, Press.RETURN)
        assert again is not None
        assert (again.step, again.device) == (at.step, at.device)


@given(guides, walks)
def test_a_removal_is_never_shown_unless_it_was_looked_at(guide: Guide, presses: list[Press]) -> None:
    at = first(guide)
    for press in presses:
        at = pressed(at, press) or at
        assert (at.step, at.view) != (Step.REMOVE, View.STEP)


@given(guides, walks)
def test_who_stops_goes_on_where_they_were(guide: Guide, presses: list[Press]) -> None:
    at = walked(guide, presses)
    stopped = pressed(at, Press.STOP)
    if stopped is not None:
        on = pressed(stopped, Press.RESUME)
        assert on is not None
        assert (on.step, on.device) == (at.step, at.device)
        assert pressed(stopped, Press.AGAIN) == first(guide)


@pytest.mark.parametrize("guide", [Guide.SETUP, Guide.NEW_PHONE])
@pytest.mark.parametrize(
    ("press", "device"), [(Press.IPHONE, Device.IPHONE), (Press.ANDROID, Device.ANDROID)]
)
def test_the_straight_way(guide: Guide, press: Press, device: Device) -> None:
    at: At | None = first(guide)
    seen = []
    for each in (press, *[Press.NEXT] * 5):
        assert at is not None
        at = pressed(at, each)
        seen.append(at)
    assert seen == [
        *(
            At(guide, step, View.STEP, device)
            for step in (Step.APP, Step.PAGE, Step.ADD, Step.SCAN, Step.TEST)
        ),
        At(guide, Step.DONE, View.LOOK, device),
    ]
    assert [number(each) for each in seen if each is not None] == [1, 2, 3, 4, 5, 6]
    assert count(guide) == 5


def test_only_what_has_been_there_before_the_scan_counts_as_old() -> None:
    before = [step for step in Step if is_before_scan(At(Guide.SETUP, step))]
    assert before == [Step.DEVICE, Step.APP, Step.PAGE, Step.ADD]


@given(guides, walks, st.booleans())
def test_a_card_can_always_be_shown_again(guide: Guide, presses: list[Press], finished: bool) -> None:
    at = replace(walked(guide, presses), view=View.END)
    again = shown_again(at, finished=finished)
    assert again.step is at.step
    assert again.view is not View.END
    assert (again.step, again.view) != (Step.REMOVE, View.STEP)


@given(guides, walks)
def test_a_card_has_exactly_the_buttons_that_lead_somewhere(guide: Guide, presses: list[Press]) -> None:
    at = walked(guide, presses)
    on_card = {
        action.name.removeprefix("setup.") for action in _card(at).actions if action.name.startswith("setup.")
    }
    assert on_card == {str(press) for press in offered(at)}


def _card(at: At) -> Data:
    match at.view:
        case View.STEP:
            return SetupStep.of("spot", at)
        case View.STUCK:
            return SetupStuck("spot", at.guide, at.step, at.device)
        case View.LOOK:
            return SetupLook("spot", at.guide, at.step)
        case _:
            return SetupPause.of("spot", at, "stopped")
