"""Support in Slack and in Teams at once: the same in each channel, once, and one case between them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.sandbox.world import FJORDHEIM
from handlers.events import Place
from handlers.messages import ApprovalCard, CaseMore, CaseNews, CaseSaved, Data, Language, PassesNotice
from handlers.passes.brakes import Brakes
from handlers.ports import Chats, Unreachable
from handlers.states import CaseState
from handlers.store import outbox
from handlers.store.audit import SYSTEM
from handlers.support import SupportChannel, SupportChannels
from tests.handlers.rig import INGRID, NORA, SUPPORT, TEAMS_SUPPORT, TOMASZ, Rig, profile_of

_PLATFORMS = ("slack", "teams")
_SLACK = SupportChannel("T1", SUPPORT, Language.NB)
_TEAMS = SupportChannel("tenant", TEAMS_SUPPORT, Language.NB, overheard=False)


def _standing(rig: Rig, kind: type[Data]) -> dict[str, Sequence[Data]]:
    places = {"slack": SUPPORT, "teams": TEAMS_SUPPORT}
    return {
        on: [shown.data for shown in rig.chat_on(on).standing(place) if isinstance(shown.data, kind)]
        for on, place in places.items()
    }


def test_each_knows_what_is_in_it_and_which_is_nearest() -> None:
    both, one = SupportChannels(_SLACK, (_TEAMS,)), SupportChannels(_TEAMS)
    assert list(both) == [_SLACK, _TEAMS]
    assert both.at(replace(TEAMS_SUPPORT, thread="1")) is _TEAMS
    assert both.at(Place("teams", SUPPORT.conversation)) is None
    assert (both.nearest("teams"), both.nearest("slack"), one.nearest("slack")) == (_TEAMS, _SLACK, _TEAMS)
    assert one.on("slack") is None


def test_keys_in_slack_are_what_they_were() -> None:
    assert (_SLACK.key("card:K1"), _TEAMS.key("card:K1")) == ("card:K1", "card:K1:in:teams")


@pytest.mark.parametrize(("shown", "decided"), [("slack", "teams"), ("teams", "slack")])
async def test_a_case_of_one_platform_is_decided_on_the_other(both: Rig, shown: str, decided: str) -> None:
    await both.people.known(both.person(NORA, shown))
    claimed = await both.verified()
    await both.delivered()
    assert [both.card(on).state for on in _PLATFORMS] == [CaseState.VERIFIED] * 2
    await both.approvals.approve(both.press(INGRID, "approvals.approve", claimed.case.id, on=decided))
    assert await both.state(claimed.case) == CaseState.APPROVED
    await both.delivered()
    for on in _PLATFORMS:
        assert both.card(on).state == CaseState.APPROVED
        assert [vote.name for vote in both.card(on).approvals] == [INGRID]
    news = [d.state for d in both.chat_on(shown).seen_by(both.person(NORA, shown)) if isinstance(d, CaseNews)]
    assert news == ["verified", "approved"]
    # Whoever is slower finds it decided, on either platform.
    for on in _PLATFORMS:
        await both.approvals.approve(both.press(TOMASZ, "approvals.approve", claimed.case.id, on=on))
        assert len(_standing(both, ApprovalCard)[on]) == 1
    assert [act for act in await both.acts(claimed.case) if "approv" in act] == ["case.approved"]


async def test_the_owner_is_told_wherever_we_know_them(both: Rig) -> None:
    for on in _PLATFORMS:
        await both.people.known(both.person(NORA, on))
    await both.verified()
    await both.delivered()
    for on in _PLATFORMS:
        seen = both.chat_on(on).seen_by(both.person(NORA, on))
        assert [data.state for data in seen if isinstance(data, CaseNews)] == ["verified"]


@pytest.mark.parametrize("on", _PLATFORMS)
async def test_nobody_decides_on_their_own_case_from_the_other_platform(both: Rig, on: str) -> None:
    other = "teams" if on == "slack" else "slack"
    await both.people.known(both.person(INGRID, on))
    # Approvers are of a class that takes more than the desk: the rule is asked before that one.
    case = (await both.verified()).case
    async with both.database.transaction() as session:
        own = await both.cases.locked(session, case.id)
        assert own is not None
        own.target = both.id(INGRID)
        session.add(await session.merge(own))
    await both.approvals.approve(both.press(INGRID, "approvals.approve", case.id, on=other))
    told = both.chat_on(other).seen_by(both.person(INGRID, other))
    assert [getattr(data, "reason", "") for data in told] == ["own-case"]
    assert await both.state(case) == CaseState.VERIFIED


async def test_a_colleague_is_picked_by_what_the_platform_calls_them(both: Rig) -> None:
    case = (await both.verified()).case
    await both.approvals.more(both.press(INGRID, "approvals.more", case.id, on="teams"))
    form = both.chat_on("teams").form(both.person(INGRID, "teams"))
    assert form is not None
    assert isinstance(form.data, CaseMore)
    values = {"colleague": both.id(TOMASZ), "ticket": ""}
    await both.approvals.saved(both.submitted(INGRID, form, values, on="teams"))
    after = both.chat_on("teams").form(both.person(INGRID, "teams"))
    assert after is not None
    assert after.data == CaseSaved("handed", TOMASZ)
    await both.delivered()
    copies = [
        d for d in both.chat_on("teams").seen_by(both.person(TOMASZ, "teams")) if isinstance(d, ApprovalCard)
    ]
    assert [copy.handed_by for copy in copies] == [INGRID]
    assert [both.card(on).held_by for on in _PLATFORMS] == [TOMASZ] * 2
    await both.approvals.approve(both.press(TOMASZ, "approvals.approve", case.id, on="slack"))
    await both.delivered()
    [copy] = [
        d for d in both.chat_on("teams").seen_by(both.person(TOMASZ, "teams")) if isinstance(d, ApprovalCard)
    ]
    assert copy.state == CaseState.APPROVED


async def test_what_is_announced_stands_once_in_each(both: Rig) -> None:
    brakes = Brakes(both.cases.audit, both.channels)
    for _ in range(2):
        async with both.database.transaction() as session:
            await brakes.stop(session, by="Kari", actor=SYSTEM, now=both.clock.now())
    await both.delivered()
    told = _standing(both, PassesNotice)
    assert [len(told[on]) for on in _PLATFORMS] == [1, 1]


async def test_a_platform_that_is_off_is_nowhere_to_be_reached(rig: Rig) -> None:
    chats = Chats((rig.chat,))
    with pytest.raises(Unreachable):
        chats.of("teams")
    # Somebody known there before is looked for elsewhere.
    rig.chat.put(profile_of(FJORDHEIM.named(NORA)))
    async with rig.database.transaction() as session:
        post = outbox.Post(
            "k", rig.person(NORA, "teams"), PassesNotice("clock"), Language.NB, rig.clock.now()
        )
        await outbox.add(session, post)
        await outbox.add(session, replace(post, key="l", target=rig.person(NORA)))
    async with rig.database.transaction() as session:
        assert await outbox.drop_elsewhere(session, ["slack"]) == 1
    await rig.delivered()
    async with rig.database.reading() as session:
        assert (await outbox.waiting(session, rig.clock.now())).due == 0
