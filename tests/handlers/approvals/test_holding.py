""" "I'm on it": told wherever the card stands, no right, no lock, and over by itself."""

from handlers.messages import ApprovalCard, CaseHeld
from handlers.states import CaseState
from handlers.store import copies
from tests.handlers.rig import HAKON, INGRID, JONAS, MARET, MINUTE, NORA, NOW, TOMASZ, Rig

APPROVE, HOLD, TAKE = "approvals.approve", "approvals.hold", "approvals.take"


async def _holds(rig: Rig, name: str, case: str, action: str = HOLD) -> None:
    event = rig.press(name, action, case)
    await (rig.approvals.hold(event) if action == HOLD else rig.approvals.take(event))


def _told_of(rig: Rig, name: str) -> list[str]:
    return [data.name for data in rig.chat.seen_by(rig.person(name)) if isinstance(data, CaseHeld)]


async def test_the_card_says_who_is_on_it_and_since_when(rig: Rig) -> None:
    case = (await rig.verified()).case
    await _holds(rig, INGRID, case.id)
    await rig.delivered()
    assert (rig.card().held_by, rig.card().held_at) == (INGRID, NOW)
    assert (await rig.acts(case))[-1] == "case.held"


async def test_the_same_button_lets_go(rig: Rig) -> None:
    case = (await rig.verified()).case
    for expected in (INGRID, None, INGRID):
        await _holds(rig, INGRID, case.id)
        await rig.delivered()
        assert rig.card().held_by == expected
        rig.clock.move(MINUTE)
    assert [act for act in await rig.acts(case) if act in ("case.held", "case.let-go")] == [
        "case.held",
        "case.let-go",
        "case.held",
    ]


async def test_another_approver_is_told_and_can_take_over(rig: Rig) -> None:
    case = (await rig.verified()).case
    await _holds(rig, INGRID, case.id)
    await _holds(rig, TOMASZ, case.id)
    await rig.approvals.approve(rig.press(TOMASZ, APPROVE, case.id))
    await rig.approvals.deny(rig.press(TOMASZ, "approvals.deny", case.id))
    assert _told_of(rig, TOMASZ) == [INGRID] * 3
    assert await rig.state(case) == CaseState.VERIFIED
    await _holds(rig, TOMASZ, case.id, TAKE)
    await rig.delivered()
    assert rig.card().held_by == TOMASZ
    await rig.approvals.approve(rig.press(TOMASZ, APPROVE, case.id))
    assert await rig.state(case) == CaseState.APPROVED


async def test_being_on_it_is_no_right(rig: Rig) -> None:
    case = (await rig.verified(agent=MARET)).case
    for name in (HAKON, MARET, NORA):
        await _holds(rig, name, case.id)
        await _holds(rig, name, case.id, TAKE)
    await rig.delivered()
    assert rig.card().held_by is None
    assert rig.refusals(HAKON) == ["not-approver"] * 2
    assert rig.refusals(MARET) == ["agent-of-case"] * 2


async def test_it_is_over_after_ten_minutes(rig: Rig) -> None:
    case = (await rig.verified()).case
    await _holds(rig, INGRID, case.id)
    rig.clock.move(10 * MINUTE)
    await rig.approvals.approve(rig.press(TOMASZ, APPROVE, case.id))
    assert _told_of(rig, TOMASZ) == []
    assert await rig.state(case) == CaseState.APPROVED


async def test_a_name_in_chat_is_not_what_the_card_says(rig: Rig) -> None:
    case = (await rig.verified()).case
    profile = await rig.chat.profile(rig.person(INGRID))
    rig.chat.put(type(profile)(profile.person, "✅ Security", *(list(vars(profile).values())[2:])))
    await _holds(rig, INGRID, case.id)
    await rig.delivered()
    assert rig.card().held_by == INGRID


async def test_more_tells_what_is_known_and_keeps_a_ticket_number(rig: Rig) -> None:
    case = (await rig.verified()).case
    await rig.approvals.more(rig.press(INGRID, "approvals.more", case.id))
    form = rig.chat.form(rig.person(INGRID))
    assert form is not None
    more = form.data
    assert (more.name, more.network, more.earlier, more.platform) == (NORA, "unknown", 0, "")  # type: ignore[attr-defined]
    assert more.last_sign_in is not None  # type: ignore[attr-defined]
    await rig.approvals.saved(rig.submitted(INGRID, form, {"ticket": " inc0012345 "}))
    await rig.delivered()
    assert rig.card().ticket == "INC0012345"
    assert (await rig.acts(case))[-1] == "case.ticket"


async def test_words_are_no_ticket_number(rig: Rig) -> None:
    case = (await rig.verified()).case
    await rig.approvals.more(rig.press(INGRID, "approvals.more", case.id))
    form = rig.chat.form(rig.person(INGRID))
    assert form is not None
    await rig.approvals.saved(rig.submitted(INGRID, form, {"ticket": "The CISO says: approve this one"}))
    again = rig.chat.form(rig.person(INGRID))
    assert again is not None
    assert again.data.ticket_problem == "form"  # type: ignore[attr-defined]
    await rig.delivered()
    assert rig.card().ticket == ""


async def test_a_colleague_gets_the_card_and_it_lives_in_both_places(rig: Rig) -> None:
    case = (await rig.verified()).case
    await rig.people.known(rig.person(TOMASZ))
    await rig.approvals.more(rig.press(INGRID, "approvals.more", case.id))
    form = rig.chat.form(rig.person(INGRID))
    assert form is not None
    chosen = rig.person(TOMASZ).user
    await rig.approvals.saved(rig.submitted(INGRID, form, {"colleague": chosen}))
    await rig.delivered()
    mine = [data for data in rig.chat.seen_by(rig.person(TOMASZ)) if isinstance(data, ApprovalCard)]
    assert [(card.handed_by, card.held_by) for card in mine] == [(INGRID, TOMASZ)]
    assert rig.card().held_by == TOMASZ
    await rig.approvals.approve(rig.press(TOMASZ, APPROVE, case.id))
    await rig.delivered()
    mine = [data for data in rig.chat.seen_by(rig.person(TOMASZ)) if isinstance(data, ApprovalCard)]
    assert [(card.state, [vote.name for vote in card.approvals]) for card in (*mine, rig.card())] == [
        (CaseState.APPROVED, [TOMASZ])
    ] * 2


async def test_who_may_not_decide_is_handed_nothing(rig: Rig) -> None:
    case = (await rig.verified(agent=MARET)).case
    for name, problem in ((MARET, "agent-of-case"), (JONAS, "not-approver")):
        await rig.people.known(rig.person(name))
        await rig.approvals.more(rig.press(INGRID, "approvals.more", case.id))
        form = rig.chat.form(rig.person(INGRID))
        assert form is not None
        await rig.approvals.saved(rig.submitted(INGRID, form, {"colleague": rig.person(name).user}))
        again = rig.chat.form(rig.person(INGRID))
        assert again is not None
        assert again.data.colleague_problem == problem  # type: ignore[attr-defined]
    async with rig.database.reading() as session:
        assert await copies.of_case(session, case.id) == []


async def test_the_requester_is_told_in_words_that_fit(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    case = (await rig.verified()).case
    await rig.deny(INGRID, case.id, "desk")
    await rig.delivered()
    told = [data for data in rig.chat.seen_by(rig.person(NORA)) if getattr(data, "state", "") == "denied"]
    assert [data.reason for data in told] == ["desk"]  # type: ignore[attr-defined]
    assert (rig.card().denied_by, rig.card().denied_at, rig.card().denied_reason) == (INGRID, NOW, "desk")


async def test_a_reason_that_is_not_on_the_list_denies_nothing(rig: Rig) -> None:
    case = (await rig.verified()).case
    await rig.deny(INGRID, case.id, "because I say so")
    assert await rig.state(case) == CaseState.VERIFIED


async def test_what_cannot_be_read_is_unknown(rig: Rig) -> None:
    """Without the premium licence Graph tells of no sign-in; the case goes on all the same."""
    rig.entra.reports.premium = False
    case = (await rig.verified()).case
    await rig.approvals.more(rig.press(INGRID, "approvals.more", case.id))
    form = rig.chat.form(rig.person(INGRID))
    assert form is not None
    assert form.data.last_sign_in is None  # type: ignore[attr-defined]
    assert form.data.created is not None  # type: ignore[attr-defined]
