"""The card follows the run: step by step, once for each press, for its owner alone; and Graph has the last word."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.sandbox.world import FJORDHEIM
from graph.methods import Kind, Method
from handlers.events import Asked, Person
from handlers.messages import Action, Answer, Language, SetupEnd, SetupLook, SetupPause, SetupStep, SetupStuck
from handlers.questions.feature import Questions
from handlers.questions.matching import Phrasing
from handlers.questions.topics import Topic
from handlers.records import GuideRun, PlanEntry
from handlers.setup.ending import Outcome
from handlers.setup.looks import Looks
from handlers.setup.steps import Device, Guide, Step
from handlers.store import guides
from tests.handlers.rig import EMIL, MINUTE, NORA, NOW, SUPPORT, Rig, profile_of
from tests.handlers.setup.guided import ON, Guided
from tests.matchers import matcher

FATIMA = "Fatima Yusuf"
"""A student with a telephone number alone."""


async def _run(who: Guided) -> GuideRun:
    async with who.rig.database.transaction() as session:
        run = await guides.of_person(session, who.rig.person(who.name))
    assert run is not None
    return run


def _end(who: Guided) -> SetupEnd:
    card = who.card
    assert isinstance(card, SetupEnd), card
    return card


async def test_step_by_step_in_one_message_to_the_end(rig: Rig) -> None:
    nora = Guided(rig)
    seen = [await nora.start(), *[await nora.press(press) for press in ON[:-1]]]
    assert [card.step for card in seen if isinstance(card, SetupStep)] == [
        Step.DEVICE,
        Step.APP,
        Step.PAGE,
        Step.ADD,
        Step.SCAN,
        Step.TEST,
    ]
    nora.register()
    end = await nora.press("next")
    assert isinstance(end, SetupEnd)
    assert (end.outcome, end.method, end.app, end.spare) == (Outcome.DONE, "Pixel 9", True, False)
    assert [action.name for action in end.actions] == ["questions.topic"]
    assert len(nora.cards) == 1, "one message, which changed in place"
    run = await _run(nora)
    assert run.done_at == NOW
    assert rig.entra.sent("DELETE", "/") == []


@pytest.mark.parametrize(("press", "device"), [("iphone", Device.IPHONE), ("android", Device.ANDROID)])
async def test_tips_are_for_this_step_and_this_phone(rig: Rig, press: str, device: Device) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press(press, "next", "next", "next")
    tips = await nora.press("stuck")
    assert tips == SetupStuck(nora.button("return").record, Guide.SETUP, Step.SCAN, device)
    assert "questions.person" in {action.name for action in tips.actions}
    back = await nora.press("return")
    assert isinstance(back, SetupStep)
    assert (back.step, back.device) == (Step.SCAN, device)
    assert isinstance(await nora.press("back"), SetupStep)
    assert (await _run(nora)).step == Step.ADD


async def test_a_double_press_is_one_step(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press("iphone")
    button = nora.button("next")
    await asyncio.gather(*(nora.setup.press(nora.event(button)) for _ in range(4)))
    await rig.delivered()
    assert isinstance(nora.card, SetupStep)
    assert nora.card.step is Step.PAGE
    assert len(nora.cards) == 1


async def test_presses_at_the_same_time_on_either_database_are_one_step(each_rig: Rig) -> None:
    nora = Guided(each_rig)
    await nora.start()
    button = nora.button("iphone")
    await asyncio.gather(*(nora.setup.press(nora.event(button)) for _ in range(6)))
    await each_rig.delivered()
    assert (await _run(nora)).step == Step.APP
    assert len(nora.cards) == 1


async def test_an_event_that_comes_twice_changes_nothing_more(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start(id="same")
    rig.clock.move(MINUTE)
    await nora.start(id="same")
    assert len(nora.cards) == 1
    press = nora.event(nora.button("android"), id="once")
    for _ in range(2):
        await nora.take(press)
    assert (await _run(nora)).step == Step.APP


async def test_an_old_button_shows_the_present_step(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press("iphone")
    old = nora.button("next")
    await nora.press("next", "next")
    rig.clock.move(MINUTE)
    rig.chat.fail("update")
    await nora.take(nora.event(old))
    assert isinstance(nora.card, SetupStep)
    assert nora.card.step is Step.ADD
    assert (await _run(nora)).step == Step.ADD
    assert len(nora.cards) == 1


async def test_only_the_owners_press_counts(rig: Rig) -> None:
    nora, fatima = Guided(rig), Guided(rig, FATIMA)
    for who in (nora, fatima):
        await who.start()
        await who.press("iphone")
    theirs = fatima.button("next")
    assert theirs.record.rpartition(":")[0] == nora.button("next").record.rpartition(":")[0]
    for _ in range(2):
        await nora.take(fatima.event(theirs, name=NORA))
        assert (await _run(nora)).step == Step.APP
        assert (await _run(fatima)).step == Step.APP
        rig.clock.move(MINUTE)


async def test_begun_again_after_days_it_offers_to_go_on(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press("iphone", "next")
    rig.clock.move(timedelta(days=9))
    card = await nora.start()
    assert isinstance(card, SetupPause)
    assert (card.kind, card.number, card.count) == ("again", 2, 5)
    old = nora.cards[0].data
    assert isinstance(old, SetupPause)
    assert (old.kind, old.actions) == ("moved", ())
    on = await nora.press("resume")
    assert isinstance(on, SetupStep)
    assert (on.step, on.device) == (Step.PAGE, Device.IPHONE)
    assert len(nora.cards) == 2


async def test_or_from_the_beginning(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press("iphone", "next", "stop")
    assert isinstance(nora.card, SetupPause)
    assert nora.card.kind == "stopped"
    card = await nora.press("again")
    assert isinstance(card, SetupStep)
    assert (card.step, card.device) == (Step.DEVICE, None)
    assert len(nora.cards) == 1


async def test_two_starts_at_once_are_one(rig: Rig) -> None:
    nora = Guided(rig)
    button = Action("setup.start", Guide.SETUP)
    await asyncio.gather(*(nora.setup.start(nora.event(button)) for _ in range(3)))
    await rig.delivered()
    assert len(nora.cards) == 1
    await nora.start()
    assert len(nora.cards) == 1, "a double click"
    rig.clock.move(MINUTE)
    await nora.start()
    assert len(nora.cards) == 2
    assert isinstance(nora.card, SetupStep), "nothing was done yet, so there is nothing to choose"


async def test_stopped_and_begun_at_once_it_starts(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press("stop")
    card = await nora.start()
    assert isinstance(card, SetupStep)
    assert len(nora.cards) == 2


async def test_a_press_on_a_card_of_long_ago_shows_where_things_stand_below(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press("iphone")
    old = nora.button("next")
    rig.clock.move(MINUTE)
    await nora.start()
    await nora.press("resume", "next")
    rig.clock.move(MINUTE)
    await nora.take(nora.event(old))
    assert isinstance(nora.card, SetupStep)
    assert nora.card.step is Step.PAGE
    assert [it.data.actions == () for it in nora.cards] == [True, True, False]


async def test_a_press_on_a_card_whose_run_is_forgotten_begins_anew(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press("iphone", "next")
    old = nora.button("next")
    rig.clock.move(timedelta(days=61))
    async with rig.database.transaction() as session:
        await guides.purge(session, rig.clock.now())
    await nora.take(nora.event(old))
    assert isinstance(nora.card, SetupStep)
    assert nora.card.step is Step.DEVICE


async def test_another_guide_takes_the_place_of_the_first(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press("iphone", "next")
    card = await nora.start(Guide.NEW_PHONE)
    assert isinstance(card, SetupStep)
    assert (card.guide, card.step) == (Guide.NEW_PHONE, Step.DEVICE)
    assert nora.cards[0].data.actions == ()


async def test_a_question_in_between_is_answered_and_the_card_still_works(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press("iphone")
    matching = matcher((Phrasing(Topic.LOST_PHONE, "jeg har mistet mobilen"),))
    questions = Questions(rig.database, rig.people, matching, rig.clock, rig.cases.audit)
    asked = Asked("q1", rig.person(NORA), nora.private, "jeg har mistet mobilen")
    await questions.asked(asked)
    await rig.delivered()
    assert Answer("lost-phone", question=1) in rig.chat.seen_by(rig.person(NORA))
    await nora.press("next")
    assert (await _run(nora)).step == Step.PAGE


async def test_who_begins_in_a_channel_is_guided_in_private(rig: Rig) -> None:
    nora = Guided(rig)
    event = replace(nora.event(Action("setup.start", "setup")), place=replace(SUPPORT, thread="1.2"))
    await nora.take(event)
    assert len(nora.cards) == 1
    assert rig.chat.standing(SUPPORT) == []


@pytest.mark.parametrize("refusal", ["guest", "other-workspace", "bot", "deactivated"])
async def test_who_is_not_served_is_not_guided(rig: Rig, refusal: str) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal=refusal))
    nora = Guided(rig)
    for action in (Action("setup.start", "setup"), Action("setup.next", "setup:app:1:x")):
        await nora.take(nora.event(action))
    assert rig.chat.everything == ()


async def test_a_record_of_no_guide_does_nothing(rig: Rig) -> None:
    nora = Guided(rig)
    for action in (Action("setup.start", "coffee"), Action("setup.next", "coffee:app:1:x")):
        await nora.take(nora.event(action))
    assert rig.chat.everything == ()


async def test_a_guide_speaks_the_language_of_the_profile(rig: Rig) -> None:
    emil = Guided(rig, EMIL)
    await emil.start()
    assert emil.cards[0].language is Language.NN


# What Graph says.


async def test_who_has_the_app_already_is_told_at_once(rig: Rig) -> None:
    emil = Guided(rig, EMIL)
    await emil.start()
    assert (_end(emil).outcome, _end(emil).method) == (Outcome.ALREADY, "iPhone 13")
    card = await emil.press("resume")
    assert isinstance(card, SetupStep)
    assert card.step is Step.DEVICE
    end = await emil.press(*ON)
    assert isinstance(end, SetupEnd)
    assert end.outcome is Outcome.ALREADY, "the one from before is no news"
    emil.register("Pixel 9")
    rig.clock.move(MINUTE)
    end = await emil.press("look")
    assert isinstance(end, SetupEnd)
    assert (end.outcome, end.method, end.spare) == (Outcome.DONE, "Pixel 9", True)


@pytest.mark.parametrize(("name", "lacking"), [(NORA, "everything"), (FATIMA, "only-telecom")])
async def test_what_is_missing_is_said_in_words(rig: Rig, name: str, lacking: str) -> None:
    who = Guided(rig, name)
    async with rig.database.transaction() as session:
        day = date(2027, 2, 8)
        session.add(PlanEntry(account=rig.id(name), upn="upn", activation_day=day, changed_at=NOW))
    await who.start()
    await who.press(*ON)
    assert (_end(who).outcome, _end(who).missing) == (Outcome.NOT_YET, lacking)
    assert {"setup.look", "setup.back", "setup.stuck", "questions.person"} <= {
        action.name for action in who.card.actions
    }
    who.register()
    rig.clock.move(MINUTE)
    await who.press("look")
    assert _end(who).outcome is Outcome.DONE


async def test_looks_are_seconds_apart_and_limited(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press(*ON)
    looked = len(rig.entra.sent("GET", "/authentication/methods"))
    await nora.press("look")
    assert _end(nora).outcome is Outcome.TOO_SOON
    assert len(rig.entra.sent("GET", "/authentication/methods")) == looked
    for _ in range(40):
        rig.clock.move(timedelta(seconds=7))
        await nora.press("look")
    assert _end(nora).outcome is Outcome.TOO_SOON
    assert len(rig.entra.sent("GET", "/authentication/methods")) == 30
    rig.clock.move(timedelta(hours=2))
    await nora.press("look")
    assert _end(nora).outcome is Outcome.NOT_YET


async def test_while_graph_takes_its_time_the_card_says_so(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press(*ON[:-1])
    shown: list[type] = []

    class Slow(Looks):
        async def at_once(self, person: Person, account: str | None) -> Sequence[Method] | Outcome:
            await rig.delivered()
            shown.append(type(nora.card))
            return await super().at_once(person, account)

    looks = Slow(rig.database, rig.directory, rig.clock, own_telecom=False)
    await replace(nora.setup, looks=looks).press(nora.event(nora.button("next")))
    await rig.delivered()
    assert [*shown, type(nora.card)] == [SetupLook, SetupEnd]


async def test_trouble_with_graph_is_said_plainly_and_passes(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start()
    await nora.press(*ON[:-1])
    rig.entra.faults.down = True
    await nora.press("next")
    assert _end(nora).outcome is Outcome.NO_ANSWER
    rig.entra.faults.down = False
    nora.register()
    rig.clock.move(MINUTE)
    await nora.press("look")
    assert _end(nora).outcome is Outcome.DONE


async def test_begun_without_graph_it_notes_later_what_was_there(rig: Rig) -> None:
    emil = Guided(rig, EMIL)
    await rig.people.known(rig.person(EMIL))
    rig.entra.faults.down = True
    await emil.start(Guide.NEW_PHONE)
    assert (await _run(emil)).methods_before is None
    rig.entra.faults.down = False
    await emil.press("iphone")
    assert (await _run(emil)).methods_before == ",".join(emil.phones())


async def test_without_an_account_it_points_to_the_page(rig: Rig) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), email="nobody@fjordheim.example"))
    nora = Guided(rig)
    await nora.start()
    await nora.press(*ON)
    assert _end(nora).outcome is Outcome.NO_ACCOUNT
    await nora.start(Guide.REMOVE_OLD)
    assert (_end(nora).outcome, _end(nora).step) == (Outcome.NO_ACCOUNT, Step.REMOVE)


# A new phone, and the old one.


async def test_a_new_phone_is_another_than_before_and_then_the_old_one_goes(rig: Rig) -> None:
    emil = Guided(rig, EMIL)
    [old] = emil.phones()
    await emil.start(Guide.NEW_PHONE)
    await emil.press(*ON)
    assert (_end(emil).outcome, _end(emil).method) == (Outcome.NOT_YET, "iPhone 13")
    emil.register("Pixel 9")
    rig.clock.move(MINUTE)
    card = await emil.press("look")
    assert isinstance(card, SetupStep)
    assert (card.guide, card.step, card.arrived, card.found) == (
        Guide.REMOVE_OLD,
        Step.REMOVE,
        True,
        "Pixel 9",
    )
    rig.clock.move(MINUTE)
    await emil.press("next")
    assert _end(emil).outcome is Outcome.MAY_REMOVE
    emil.remove(old)
    rig.clock.move(MINUTE)
    await emil.press("look")
    assert (_end(emil).outcome, _end(emil).method) == (Outcome.DONE, "Pixel 9")
    assert len(emil.cards) == 1
    assert rig.entra.sent("DELETE", "/") == [], "people remove their methods themselves"


async def test_a_new_phone_for_who_had_none_ends_there(rig: Rig) -> None:
    fatima = Guided(rig, FATIMA)
    await fatima.start(Guide.NEW_PHONE)
    await fatima.press(*ON[:-1])
    fatima.register()
    await fatima.press("next")
    assert (_end(fatima).guide, _end(fatima).outcome) == (Guide.NEW_PHONE, Outcome.DONE)


async def test_nobody_is_told_to_remove_the_only_one(rig: Rig) -> None:
    emil = Guided(rig, EMIL)
    await emil.start(Guide.REMOVE_OLD)
    assert (_end(emil).outcome, _end(emil).method) == (Outcome.ONLY_ONE, "iPhone 13")
    assert {(action.name, action.record) for action in emil.card.actions} >= {
        ("setup.start", "new-phone"),
        ("questions.topic", "lost-phone"),
    }
    assert not any(isinstance(it, SetupStep) for it in (emil.card, *emil.cards[0].earlier))


async def test_a_step_that_removes_is_looked_at_again_after_a_pause(rig: Rig) -> None:
    emil = Guided(rig, EMIL)
    [old] = emil.phones()
    second = emil.register("Pixel 9")
    await emil.start(Guide.REMOVE_OLD)
    assert isinstance(emil.card, SetupStep)
    await emil.press("stop")
    emil.remove(second)
    rig.clock.move(timedelta(days=3))
    await emil.press("resume")
    assert _end(emil).outcome is Outcome.DONE, "one of two is gone, and one stays"
    rig.clock.move(MINUTE)
    await emil.start(Guide.REMOVE_OLD)
    assert _end(emil).outcome is Outcome.ONLY_ONE
    assert emil.phones() == [old]


async def test_there_may_be_nothing_to_remove(rig: Rig) -> None:
    nora = Guided(rig)
    await nora.start(Guide.REMOVE_OLD)
    assert _end(nora).outcome is Outcome.NOTHING_OLD
    assert nora.button("start").record == "setup"


async def test_a_number_is_enough_only_with_an_own_provider(rig: Rig) -> None:
    fatima = Guided(rig, FATIMA)
    fatima.register()
    await fatima.start(Guide.REMOVE_OLD)
    assert _end(fatima).outcome is Outcome.ONLY_ONE
    rig.clock.move(MINUTE)
    fatima.own_telecom = True
    await fatima.start(Guide.REMOVE_OLD)
    assert isinstance(fatima.card, SetupStep)


async def test_a_name_of_a_method_is_cleaned(rig: Rig) -> None:
    nora = Guided(rig)
    rig.entra.devices.register(rig.id(NORA), Kind.AUTHENTICATOR, "Nora 01010112345 " + "x" * 100)
    await nora.start()
    assert "01010112345" not in _end(nora).method
    assert len(_end(nora).method) <= 60
