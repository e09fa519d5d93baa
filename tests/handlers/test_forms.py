"""Some platforms have to know before a button is pressed that a form comes of it: the messages say so, and it does.

The other way round, ``Rig.opener`` gives nothing to open a form with for a button that does not say so.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import pytest

from bot.eid.service import Eids
from handlers.events import Pressed
from handlers.messages import all_messages
from handlers.questions.topics import Topic
from handlers.verification.asking import Asking
from handlers.verification.colleague import Colleagues
from handlers.verification.eid import ByEid
from tests.handlers.relay.given import KARI, Talk
from tests.handlers.rig import FORMS, INGRID, NORA, Rig
from tests.memory_chat import Form


async def _decided(rig: Rig, action: str) -> Form | None:
    case = (await rig.verified()).case
    press = rig.press(INGRID, action, case.id)
    await (rig.approvals.deny(press) if action == "approvals.deny" else rig.approvals.more(press))
    return rig.chat.form(rig.person(INGRID))


async def _relayed(rig: Rig, action: str) -> Form | None:
    talk = Talk(rig)
    await talk.asked("Koden kommer ikke", Topic.NO_NOTIFICATION)
    relay = await talk.begun()
    await talk.take(talk.press(action, relay.id, name=KARI, place=talk.support))
    return rig.chat.form(rig.person(KARI))


async def _asked_for_a_colleague(rig: Rig, action: str) -> Form | None:
    nora = rig.person(NORA)
    by_eid = ByEid(rig.database, rig.accounts, rig.cases, rig.proving, rig.keys, rig.clock, Eids({}, ""))
    asking = Asking(rig.people, rig.chats, by_eid, "https://bot.fjordheim.example")
    colleagues = Colleagues(rig.database, rig.people, rig.accounts, rig.cases, rig.cards, rig.clock, asking)
    place = await rig.chat.private(nora)
    await colleagues.handle(Pressed("press", nora, place, action, "", rig.opener(NORA, action)))
    return rig.chat.form(nora)


_PRESSES: Final[Mapping[str, Callable[[Rig, str], Awaitable[Form | None]]]] = {
    "approvals.deny": _decided,
    "approvals.more": _decided,
    "colleague.open": _asked_for_a_colleague,
    "relay.reply": _relayed,
    "relay.topic": _relayed,
}


def test_a_button_says_the_same_wherever_it_stands() -> None:
    said: dict[str, set[bool]] = {}
    for message in all_messages():
        for example in message.examples():
            for action in example.actions:
                said.setdefault(action.name, set()).add(action.opens_form)
    assert [name for name, each in said.items() if len(each) > 1] == []


@pytest.mark.parametrize("action", sorted(FORMS))
async def test_what_says_so_opens_a_form(rig: Rig, action: str) -> None:
    form = await _PRESSES[action](rig, action)
    assert form is not None
    assert form.data.fields
