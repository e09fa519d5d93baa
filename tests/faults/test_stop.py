"""A polite stop under load: what was acknowledged is answered, and the process says that all is well."""

import asyncio
from itertools import cycle, islice
from pathlib import Path

import pytest

from bot.settings import SlackMode
from tests.faults.given import answers, ask, played, rows, settled, until

_PEOPLE = ("Siobhán O'Brien", "Priya Nair", "Kari Bråten", "Leif Åsen", "Wei Zhang", "Torunn Bø")
_LOAD = 36


@pytest.mark.parametrize("mode", [SlackMode.HTTP, pytest.param(SlackMode.SOCKET, marks=pytest.mark.slow)])
async def test_a_stop_answers_what_was_acknowledged_and_exits_0(mode: SlackMode, tmp_path: Path) -> None:
    async with played(tmp_path, mode=mode) as story:
        for _ in range(4):
            story.stage.slack.faults.slow("chat.postMessage", 0.3, times=1)
        asking = [asyncio.create_task(ask(story, name)) for name in islice(cycle(_PEOPLE), _LOAD)]
        await until(story, lambda: sum(len(answers(story, name)) for name in _PEOPLE) >= 2 or None)
        assert await story.stage.stop_bot() == 0
        said = await asyncio.gather(*asking)
        taken = [one for one in said if any(delivery.acknowledged for delivery in one.deliveries)]
        assert taken
        assert sum(len(answers(story, name)) for name in _PEOPLE) == len(taken)
        assert rows(story.stage, "SELECT DISTINCT state FROM inbox") == [("done",)]

        await story.stage.start_bot()
        if mode is SlackMode.SOCKET:
            await until(story, lambda: story.stage.slack.connections or None)
        await story.stage.slack.retry_unacknowledged()
        await until(story, lambda: sum(len(answers(story, name)) for name in _PEOPLE) >= _LOAD or None)
        await settled(story)
        assert sum(len(answers(story, name)) for name in _PEOPLE) == _LOAD
