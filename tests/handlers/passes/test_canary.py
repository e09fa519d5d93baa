"""After a whole case has run, the pass is nowhere but in the one answer to *Show*."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from bot import logs
from handlers.passes import Refused, Shown
from handlers.states import CaseState
from tests.handlers.rig import MINUTE, NORA, Rig
from tests.handlers.store.given import dump
from tests.sweeping import holds


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Everything that is logged, at the most talkative level."""
    stream, root = StringIO(), logging.getLogger()
    before, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in logs.OURS}
    logs.configure("DEBUG", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


async def test_the_pass_is_nowhere(rig: Rig, logged: StringIO) -> None:
    await rig.people.known(rig.person(NORA))
    approved = await rig.approved()
    await rig.delivered()
    rig.entra.faults.lose_answer("POST /users/*/authentication/temporaryAccessPassMethods")
    assert isinstance(await rig.issue.show(approved.browser), Refused)
    shown = await rig.issue.show(approved.browser)
    assert isinstance(shown, Shown)
    await rig.issue.show(approved.browser)
    await rig.delivered()
    session = rig.entra.devices.sign_in_with_pass(rig.id(NORA), shown.code.reveal())
    for _ in range(2):
        rig.clock.move(MINUTE)
        await rig.follow.tick(rig.clock.now())
        await rig.delivered()
        rig.entra.devices.register_authenticator(session, "Pixel 9")
    await rig.follow.sweep(rig.clock.now())
    assert await rig.state(approved.case) == CaseState.CLOSED
    assert rig.news(NORA)[-1] == "closed"

    canaries = {made.code for made in rig.entra.passes_created}
    assert len(canaries) == 2
    places = {
        "database": await dump(rig.database),
        "log": logged.getvalue(),
        "chat": repr(rig.chat.everything),
        "shown": repr(shown),
    }
    assert "pass-taken-back" in places["log"]
    for file in rig.folder.iterdir():
        if file.name.startswith("tofaktor.db"):
            places[file.name] = file.read_bytes().decode("latin-1")
    assert "tofaktor.db" in places
    for name, text in places.items():
        assert not holds(text, canaries), name
    assert approved.browser not in places["database"] + places["log"] + places["chat"]
