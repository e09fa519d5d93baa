"""The card in the support channel and the news to the owner follow the stored state."""

from handlers.messages import ApprovalCard, CaseNews, Language, ProofLine
from handlers.states import CaseState
from handlers.store import people
from tests.handlers.rig import CHECKS, INGRID, JONAS, MINUTE, NORA, NOW, PASSPORT, SUPPORT, Rig
from tests.handlers.store.given import dump, run


async def test_a_case_without_evidence_has_no_card(rig: Rig) -> None:
    case = await rig.opened()
    await rig.code(case)
    await rig.delivered()
    assert rig.chat.standing(SUPPORT) == []


async def test_the_card_tells_the_facts(rig: Rig) -> None:
    case = (await rig.verified()).case
    await rig.delivered()
    card = rig.card()
    assert card == ApprovalCard(
        case=case.id,
        state=CaseState.VERIFIED,
        name=NORA,
        upn=case.target_upn,
        department="Faculty of Science",
        proofs=(ProofLine("desk", 3, NOW, JONAS, told=(*CHECKS, PASSPORT)),),
        proved_at=NOW,
    )
    assert [action.name for action in card.actions] == [
        "approvals.approve",
        "approvals.deny",
        "approvals.hold",
        "approvals.more",
    ]


async def test_one_card_follows_the_case(rig: Rig) -> None:
    claimed = await rig.verified()
    await rig.delivered()
    await rig.approvals.approve(rig.press(INGRID, "approvals.approve", claimed.case.id))
    await rig.delivered()
    assert (rig.card().state, [vote.name for vote in rig.card().approvals]) == (CaseState.APPROVED, [INGRID])
    await rig.issue.show(claimed.browser)
    await rig.delivered()
    [shown] = rig.chat.standing(SUPPORT)
    states = [data.state for data in (*shown.earlier, shown.data) if isinstance(data, ApprovalCard)]
    assert states == [CaseState.VERIFIED, CaseState.APPROVED, CaseState.ISSUED]
    assert shown.language is Language.NB


async def test_a_late_delivery_shows_the_newest_state_alone(rig: Rig) -> None:
    claimed = await rig.approved()
    await rig.issue.show(claimed.browser)
    await rig.delivered()
    [shown] = rig.chat.standing(SUPPORT)
    assert rig.card().state is CaseState.ISSUED
    assert CaseState.APPROVED not in [d.state for d in shown.earlier if isinstance(d, ApprovalCard)]


async def test_new_evidence_is_told_on_the_card(rig: Rig) -> None:
    case = (await rig.verified()).case
    await rig.delivered()
    rig.clock.move(61 * MINUTE)
    await rig.follow.sweep(rig.clock.now())
    await rig.delivered()
    assert (rig.card().state, rig.card().actions) == (CaseState.VERIFYING, ())
    await rig.claimed(await rig.code(case))
    await rig.delivered()
    assert (rig.card().state, rig.card().proved_at) == (CaseState.VERIFIED, rig.clock.now())


async def test_only_people_tied_to_the_account_get_news(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    claimed = await rig.approved()
    await rig.issue.show(claimed.browser)
    await rig.delivered()
    assert rig.news(NORA) == ["verified", "approved", "issued"]
    others = [shown for shown in rig.chat.everything if isinstance(shown.data, CaseNews)]
    assert len(others) == 3


async def test_a_flagged_link_gets_no_news(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    async with rig.database.transaction() as session:
        await people.flag(session, rig.person(NORA), "email-changed")
    await rig.verified()
    await rig.delivered()
    assert rig.news(NORA) == []


async def test_news_come_in_the_chosen_language(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    async with rig.database.transaction() as session:
        await people.choose_language(session, rig.person(NORA), Language.NN)
    await rig.verified()
    await rig.delivered()
    [news] = [shown for shown in rig.chat.everything if isinstance(shown.data, CaseNews)]
    assert news.language is Language.NN
    assert [action.name for action in news.data.actions] == ["cases.stop"]


async def test_telling_twice_says_nothing_twice(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    case = (await rig.verified()).case
    for _ in range(3):
        async with rig.database.transaction() as session:
            await rig.cards.tell(session, case, NOW)
    await rig.delivered()
    assert rig.news(NORA) == ["verified"]
    [shown] = rig.chat.standing(SUPPORT)
    assert {data.state for data in shown.earlier if isinstance(data, ApprovalCard)} <= {CaseState.VERIFIED}


async def test_forged_evidence_takes_the_button_away(rig: Rig) -> None:
    case = (await rig.verified()).case
    await run(rig.database, "UPDATE evidence SET level = 4")
    async with rig.database.transaction() as session:
        await rig.cards.refresh(session, await rig.cases.get(session, case.id) or case, NOW)
    await rig.delivered()
    assert "approvals.approve" not in [action.name for action in rig.card().actions]


async def test_the_outbox_holds_neither_code_nor_browser(rig: Rig) -> None:
    case = await rig.opened()
    code = await rig.code(case)
    claimed = await rig.claimed(code)
    everything = await dump(rig.database)
    assert claimed.browser not in everything
    assert code not in everything
    assert code.replace("-", "") not in everything
