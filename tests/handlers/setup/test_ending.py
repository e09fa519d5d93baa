"""What the methods of an account say about a guide."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.methods import Kind, Method
from handlers.setup.ending import Outcome, at_start, has_old, judge, leads_to
from handlers.setup.steps import At, Guide, Step, View

OLD = Method("old", Kind.AUTHENTICATOR, datetime(2026, 1, 1, tzinfo=UTC), "iPhone 13")
NEW = Method("new", Kind.AUTHENTICATOR, datetime(2026, 11, 24, tzinfo=UTC), "Pixel 9")
UNDATED = Method("undated", Kind.AUTHENTICATOR, None, "Galaxy S25")
KEY = Method("key", Kind.FIDO2, datetime(2026, 11, 25, tzinfo=UTC), "YubiKey 5 NFC")
NUMBER = Method("number", Kind.PHONE)
PASSWORD = Method("password", Kind.PASSWORD)
EMAIL = Method("email", Kind.EMAIL)
PASS = Method("pass", Kind.PASS)

SETUP, MOVE, REMOVE = Guide.SETUP, Guide.NEW_PHONE, Guide.REMOVE_OLD
DONE, ALREADY, NOT_YET = Outcome.DONE, Outcome.ALREADY, Outcome.NOT_YET
MAY_REMOVE, ONLY_ONE, NOTHING_OLD = Outcome.MAY_REMOVE, Outcome.ONLY_ONE, Outcome.NOTHING_OLD


@pytest.mark.parametrize(
    ("guide", "methods", "before", "outcome", "named"),
    [
        (SETUP, [PASSWORD], [], NOT_YET, None),
        (SETUP, [PASSWORD, EMAIL, PASS, NUMBER], [], NOT_YET, None),
        (SETUP, [PASSWORD, NEW], [], DONE, NEW),
        (SETUP, [KEY], [], DONE, KEY),
        (SETUP, [KEY, NEW], [], DONE, NEW),
        (SETUP, [KEY], ["key"], NOT_YET, None),
        (SETUP, [OLD, NEW], ["old"], DONE, NEW),
        (SETUP, [OLD, UNDATED], ["old"], DONE, UNDATED),
        (SETUP, [OLD], ["old"], ALREADY, OLD),
        (SETUP, [OLD, NUMBER], ["old"], ALREADY, OLD),
        (SETUP, [OLD], None, DONE, OLD),
        (SETUP, [KEY], None, NOT_YET, None),
        (MOVE, [OLD], ["old"], NOT_YET, OLD),
        (MOVE, [OLD, KEY], ["old"], NOT_YET, OLD),
        (MOVE, [OLD, NEW], ["old"], DONE, NEW),
        (MOVE, [NEW], ["old"], DONE, NEW),
        (MOVE, [NUMBER], [], NOT_YET, None),
        (MOVE, [OLD], None, NOT_YET, OLD),
        (MOVE, [OLD, NEW], None, DONE, NEW),
        (REMOVE, [PASSWORD], [], NOTHING_OLD, None),
        (REMOVE, [PASSWORD, NUMBER, KEY], [], NOTHING_OLD, None),
        (REMOVE, [OLD], ["old"], ONLY_ONE, OLD),
        (REMOVE, [OLD, NUMBER, EMAIL, PASSWORD], ["old"], ONLY_ONE, OLD),
        (REMOVE, [OLD, NEW], ["old", "new"], MAY_REMOVE, NEW),
        (REMOVE, [OLD, KEY], ["old"], MAY_REMOVE, OLD),
        (REMOVE, [NEW], ["old", "new"], DONE, NEW),
        (REMOVE, [KEY], ["old"], DONE, KEY),
        (REMOVE, [PASSWORD], ["old", "new"], NOTHING_OLD, None),
        (REMOVE, [NUMBER], ["old"], NOTHING_OLD, None),
        (REMOVE, [OLD, NEW], None, MAY_REMOVE, NEW),
        (REMOVE, [OLD], None, ONLY_ONE, OLD),
    ],
)
def test_judgements(
    guide: Guide, methods: list[Method], before: list[str] | None, outcome: Outcome, named: Method | None
) -> None:
    verdict = judge(guide, methods, before, own_telecom=False)
    assert (verdict.outcome, verdict.method) == (outcome, named)


def test_a_number_counts_where_the_organisation_keeps_it_alive() -> None:
    assert judge(SETUP, [NUMBER], [], own_telecom=True).outcome is DONE
    assert judge(REMOVE, [OLD, NUMBER], ["old"], own_telecom=True).outcome is MAY_REMOVE


@pytest.mark.parametrize(
    ("methods", "spare"), [([NEW], False), ([NEW, NUMBER], False), ([NEW, KEY], True), ([NEW, OLD], True)]
)
def test_a_spare_is_another_method_that_lasts(methods: list[Method], spare: bool) -> None:
    assert judge(SETUP, methods, ["old"], own_telecom=False).spare is spare


def test_what_is_kept_from_the_start() -> None:
    everything = [PASSWORD, EMAIL, NUMBER, OLD, KEY]
    assert at_start(SETUP, everything) == ("number", "old", "key")
    assert at_start(MOVE, everything) == ("old",)
    assert at_start(REMOVE, everything) == ("old",)


@pytest.mark.parametrize(
    ("methods", "before", "old"),
    [([NEW, OLD], ["old"], True), ([NEW], ["old"], False), ([NEW, NUMBER], [], False), ([NEW], None, True)],
)
def test_an_old_telephone(methods: list[Method], before: list[str] | None, old: bool) -> None:
    assert has_old(methods, before) is old


@pytest.mark.parametrize(
    ("at", "outcome", "old_left", "to"),
    [
        (At(SETUP, Step.DONE), DONE, True, At(SETUP, Step.DONE, View.END)),
        (At(MOVE, Step.DONE), DONE, False, At(MOVE, Step.DONE, View.END)),
        (At(MOVE, Step.DONE), DONE, True, At(REMOVE, Step.REMOVE, View.STEP)),
        (At(MOVE, Step.DONE), NOT_YET, True, At(MOVE, Step.DONE, View.END)),
        (At(REMOVE, Step.REMOVE), MAY_REMOVE, True, At(REMOVE, Step.REMOVE, View.STEP)),
        (At(REMOVE, Step.DONE), MAY_REMOVE, True, At(REMOVE, Step.DONE, View.END)),
        (At(REMOVE, Step.REMOVE), ONLY_ONE, True, At(REMOVE, Step.REMOVE, View.END)),
    ],
)
def test_where_a_look_leads(at: At, outcome: Outcome, old_left: bool, to: At) -> None:
    verdict = judge(SETUP, [], [], own_telecom=False)
    assert leads_to(at, type(verdict)(outcome), old_left=old_left) == to


kinds = st.sampled_from(Kind)
lists = st.lists(st.tuples(st.sampled_from("abcdef"), kinds), max_size=6, unique_by=lambda it: it[0])


@given(lists, lists, st.booleans())
def test_nobody_is_led_to_remove_the_last_method_that_lasts(
    now: Sequence[tuple[str, Kind]], before: Sequence[tuple[str, Kind]], own_telecom: bool
) -> None:
    """Whatever the account has: where a look leads to a removal, two methods last, and one of them is a telephone."""
    methods = [Method(*it) for it in now]
    ids = at_start(MOVE, [Method(*it) for it in before])
    for guide, step in ((MOVE, Step.DONE), (REMOVE, Step.REMOVE), (REMOVE, Step.DONE)):
        for known in (ids, None):
            verdict = judge(guide, methods, known, own_telecom=own_telecom)
            to = leads_to(At(guide, step), verdict, old_left=has_old(methods, known))
            if to.step is Step.REMOVE and to.view is View.STEP:
                lasting = [
                    it for it in methods if it.is_strong and (own_telecom or it.kind is not Kind.PHONE)
                ]
                assert len(lasting) > 1
                assert any(it.kind in (Kind.AUTHENTICATOR, Kind.SOFTWARE_OATH) for it in lasting)
