"""The old phone: asked about once a new one is there, and deleted by the bot when its owner says so."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.entra import Recorded
from bot.sandbox.entra.state import Account, StoredMethod
from graph.methods import Kind
from handlers.events import Place, Pressed
from handlers.messages import CaseNews, OldPhones
from handlers.passes import Shown
from handlers.records import Case
from handlers.states import CaseState, OldState
from tests.handlers.rig import EMIL, MINUTE, NORA, Rig
from tests.handlers.store.given import run

DELETE = "DELETE /users/*"


async def _registered(rig: Rig, name: str = EMIL, *, known: bool = True) -> Case:
    """Somebody has used a pass and set up the new phone, and has been asked about the old one."""
    if known:
        await rig.people.known(rig.person(name))
    approved = await rig.approved(name)
    shown = await rig.issue.show(approved.browser)
    assert isinstance(shown, Shown)
    session = rig.entra.devices.sign_in_with_pass(rig.id(name), shown.code.reveal())
    await _tick(rig)
    rig.entra.devices.register_authenticator(session, "Pixel 9")
    await _tick(rig)
    return await rig.case(approved.case.id)


async def _tick(rig: Rig, after: timedelta = timedelta(seconds=20)) -> None:
    rig.clock.move(after)
    await rig.follow.tick(rig.clock.now())
    await rig.delivered()


def _account(rig: Rig, name: str = EMIL) -> Account:
    return rig.entra.tenant.account(rig.id(name))


def _names(rig: Rig, name: str = EMIL) -> list[str | None]:
    return [each.name for each in _account(rig, name).strong_methods]


def _deletes(rig: Rig) -> list[Recorded]:
    return [each for each in rig.entra.requests if each.method == "DELETE"]


def _press(rig: Rig, name: str, action: str, record: str) -> Pressed:
    return Pressed(f"press-{action}", rig.person(name), Place("slack", "D1", private=True), action, record)


def _card(rig: Rig, name: str = EMIL) -> OldPhones:
    """The one card about the old phone that stands in somebody's private chat."""
    [card] = [each for each in rig.chat.seen_by(rig.person(name)) if isinstance(each, OldPhones)]
    return card


async def _state(rig: Rig, case: Case, number: int = 1) -> OldState:
    return (await rig.removing.asked(case))[number - 1].state


async def test_the_owner_picks_in_chat_and_the_bot_deletes(rig: Rig) -> None:
    case = await _registered(rig)
    card = _card(rig)
    assert (card.method, [old.name for old in card.olds]) == ("Pixel 9", ["iPhone 13"])
    assert case.state == CaseState.USED
    await rig.removing.remove_pressed(_press(rig, EMIL, "cases.remove-old", card.olds[0].record))
    assert _names(rig) == ["Pixel 9"]
    assert await _state(rig, case) is OldState.REMOVED
    await _tick(rig)
    assert await rig.state(case) == CaseState.CLOSED
    acts = await rig.acts(case)
    assert [act for act in acts if "old" in act or act == "case.registered"] == [
        "case.registered",
        "case.remove-old",
        "case.old-removed",
    ]
    assert (_card(rig).over, _card(rig).actions) == (True, ())
    done = [each for each in rig.chat.seen_by(rig.person(EMIL)) if isinstance(each, CaseNews)][-1]
    assert (done.state, done.kind, done.method) == (CaseState.CLOSED, "authenticator", "Pixel 9")
    assert [action.name for action in done.actions] == ["questions.topic", "cases.stop"]


async def test_the_sessions_of_the_old_phone_end_where_that_is_wanted(rig: Rig) -> None:
    case = await _registered(rig)
    removing = replace(rig.removing, sessions=rig.directory.users)
    await removing.remove(f"{case.id}:1", case.target)
    assert _account(rig).sessions_revoked == 1
    assert await _state(rig, case) is OldState.REMOVED


async def test_the_case_waits_until_the_old_phone_is_answered_for(rig: Rig) -> None:
    case = await _registered(rig)
    for _ in range(3):
        await _tick(rig, timedelta(hours=7))
    assert await rig.state(case) == CaseState.USED
    await rig.removing.keep_pressed(_press(rig, EMIL, "cases.keep-old", case.id))
    await _tick(rig)
    assert await rig.state(case) == CaseState.CLOSED
    assert _names(rig) == ["iPhone 13", "Pixel 9"]
    assert "case.keep-old" in await rig.acts(case)


async def test_after_two_weeks_nobody_is_asked_any_more(rig: Rig) -> None:
    case = await _registered(rig)
    rig.clock.move(timedelta(days=14, minutes=1))
    await rig.follow.sweep(rig.clock.now())
    case = await rig.case(case.id)
    assert (case.state, case.found) == (CaseState.EXPIRED, "unanswered")
    await rig.removing.remove(f"{case.id}:1", case.target)
    assert _deletes(rig) == []


async def test_whoever_removes_it_themselves_has_answered(rig: Rig) -> None:
    case = await _registered(rig)
    rig.entra.devices.remove_method(rig.id(EMIL), _account(rig).strong_methods[0].id)
    await _tick(rig)
    assert (await _state(rig, case), await rig.state(case)) == (OldState.GONE, CaseState.CLOSED)
    assert "case.old-removed" not in await rig.acts(case)


async def test_everything_that_was_on_the_phone_is_asked_about_and_nothing_else(rig: Rig) -> None:
    for kind in (Kind.SOFTWARE_OATH, Kind.PHONE, Kind.FIDO2, Kind.WINDOWS_HELLO):
        rig.entra.devices.register(rig.id(EMIL), kind, "old one")
    rig.clock.move(timedelta(days=30))
    case = await _registered(rig)
    olds = await rig.removing.asked(case)
    assert [old.kind for old in olds] == [Kind.AUTHENTICATOR, Kind.SOFTWARE_OATH, Kind.PHONE]
    for old in olds:
        await rig.removing.remove(old.record, case.target)
    assert [each.kind for each in _account(rig).strong_methods] == [
        Kind.FIDO2,
        Kind.WINDOWS_HELLO,
        Kind.AUTHENTICATOR,
    ]
    await _tick(rig)
    assert (await rig.case(case.id)).found == "spare"


@pytest.mark.parametrize("name", ["Gro Eikeland", "Jonas Lien"])
async def test_nobody_else_answers_for_it(rig: Rig, name: str) -> None:
    case = await _registered(rig)
    await rig.removing.remove_pressed(_press(rig, name, "cases.remove-old", f"{case.id}:1"))
    await rig.removing.keep_pressed(_press(rig, name, "cases.keep-old", case.id))
    await rig.removing.remove(f"{case.id}:1", rig.id(name))
    assert _deletes(rig) == []
    assert (await rig.case(case.id)).old_kept is False


async def test_a_chat_that_is_tied_to_the_account_only_since_is_not_asked(rig: Rig) -> None:
    """Who takes an address over while a case is under way may be anybody."""
    case = await _registered(rig, known=False)
    rig.clock.move(MINUTE)
    await rig.people.known(rig.person(EMIL))
    await rig.removing.remove_pressed(_press(rig, EMIL, "cases.remove-old", f"{case.id}:1"))
    assert _deletes(rig) == []
    assert not [each for each in rig.chat.seen_by(rig.person(EMIL)) if isinstance(each, OldPhones)]


async def test_a_button_that_names_nothing_changes_nothing(rig: Rig) -> None:
    case = await _registered(rig)
    for record in ("", ":", "x", "{}", "{}:", "{}:0", "{}:2", "{}:²", "{}:1:1"):
        await rig.removing.remove(record.format(case.id), case.target)
    assert _deletes(rig) == []
    assert await _state(rig, case) is OldState.THERE


async def test_the_new_phone_is_never_deleted(rig: Rig) -> None:
    """Not even where the row that stands for the old one names it."""
    case = await _registered(rig)
    new = _account(rig).strong_methods[-1].id
    await run(rig.database, f"UPDATE old_method SET method = '{new}'")
    await rig.removing.remove(f"{case.id}:1", case.target)
    assert _deletes(rig) == []
    assert len(_account(rig).strong_methods) == 2


async def test_the_last_way_in_is_never_deleted(rig: Rig) -> None:
    """The new phone is gone again when the old one is to go."""
    case = await _registered(rig)
    rig.entra.devices.remove_method(rig.id(EMIL), _account(rig).strong_methods[-1].id)
    await rig.removing.remove(f"{case.id}:1", case.target)
    assert (_deletes(rig), await _state(rig, case)) == ([], OldState.LAST)
    assert _names(rig) == ["iPhone 13"]
    await _tick(rig)
    assert await rig.state(case) == CaseState.USED


async def test_the_default_goes_once_its_owner_has_chosen_another(rig: Rig) -> None:
    account = _account(rig, NORA)
    account.methods.append(StoredMethod("mobile", Kind.PHONE, None))
    account.default_method = Kind.PHONE
    case = await _registered(rig, NORA)
    await rig.removing.remove(f"{case.id}:1", case.target)
    assert await _state(rig, case) is OldState.DEFAULT
    assert len(account.strong_methods) == 2
    account.default_method = Kind.AUTHENTICATOR
    await rig.removing.remove(f"{case.id}:1", case.target)
    assert await _state(rig, case) is OldState.REMOVED
    await _tick(rig)
    assert await rig.state(case) == CaseState.CLOSED


async def test_without_the_permission_its_owner_is_told_to_do_it(rig: Rig) -> None:
    case = await _registered(rig)
    rig.entra.faults.missing.add("UserAuthMethod-MicrosoftAuthApp.ReadWrite.All")
    await rig.removing.remove(f"{case.id}:1", case.target)
    assert await _state(rig, case) is OldState.FORBIDDEN
    await rig.delivered()
    assert _card(rig).olds[0].state is OldState.FORBIDDEN


async def test_many_presses_are_one_delete(rig: Rig) -> None:
    case = await _registered(rig)
    await asyncio.gather(*(rig.removing.remove(f"{case.id}:1", case.target) for _ in range(10)))
    assert len(_deletes(rig)) == 1
    await rig.removing.remove(f"{case.id}:1", case.target)
    assert len(_deletes(rig)) == 1
    assert (await rig.acts(case)).count("case.old-removed") == 1


async def test_an_answer_that_is_lost_is_looked_for(rig: Rig) -> None:
    case = await _registered(rig)
    rig.entra.faults.lose_answer(DELETE)
    await rig.removing.remove(f"{case.id}:1", case.target)
    assert await _state(rig, case) is OldState.REMOVED
    assert _names(rig) == ["Pixel 9"]


async def test_without_graph_it_is_said_and_tried_again(rig: Rig) -> None:
    case = await _registered(rig)
    rig.entra.faults.answer(DELETE, 503, times=None)
    await rig.removing.remove(f"{case.id}:1", case.target)
    assert await _state(rig, case) is OldState.NO_ANSWER
    rig.entra.faults.clear()
    await rig.removing.remove(f"{case.id}:1", case.target)
    assert await _state(rig, case) is OldState.REMOVED


async def test_whoever_dies_at_it_has_deleted_it_or_not(rig: Rig) -> None:
    """The process ended between the delete and its answer, or before the delete."""
    case = await _registered(rig)
    begun = await rig.removing._begin(case.id, 1, case.target)
    assert begun is not None
    assert await rig.removing._begin(case.id, 1, case.target) is None
    await _tick(rig, 4 * MINUTE)
    assert await _state(rig, case) is OldState.NO_ANSWER
    begun = await rig.removing._begin(case.id, 1, case.target)
    assert begun is not None
    await rig.removing._delete(*begun)
    await _tick(rig, 10 * MINUTE)
    assert await _state(rig, case) is OldState.REMOVED
    assert await rig.state(case) == CaseState.CLOSED
    assert (await rig.acts(case)).count("case.old-removed") == 1
