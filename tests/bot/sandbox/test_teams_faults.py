"""What goes wrong with the connector on demand."""

import asyncio
from pathlib import Path

import httpx
import pytest

from bot.sandbox.teams.faults import Limiter
from tests.bot.sandbox.teams_rig import ANNA, Connector, code, teams_running

HELLO = {"type": "message", "text": "Hello"}


async def test_a_refused_request_does_nothing(connector: Connector) -> None:
    faults, place = connector.teams.faults, connector.chat(ANNA)
    faults.rate_limit("send", retry_after=3)
    faults.rate_limit("send", retry_after=None)
    faults.server_error("send")
    faults.fail("send", 412, "PreconditionFailed", "Precondition failed, please try again.")
    answers = [await connector.send(place, HELLO) for _ in range(4)]
    assert [code(each) for each in answers] == [
        (429, "Throttled"),
        (429, "Throttled"),
        (502, "ServiceError"),
        (412, "PreconditionFailed"),
    ]
    assert [each.headers.get("Retry-After") for each in answers] == ["3", None, None, None]
    assert connector.teams.dm(ANNA) == ()
    await connector.sent(place, HELLO)
    assert [call.error for call in connector.teams.calls_of("send")][-2:] == ["PreconditionFailed", None]


async def test_a_lost_answer_is_to_something_done_and_a_dropped_request_to_nothing(
    connector: Connector,
) -> None:
    teams, place = connector.teams, connector.chat(ANNA)
    teams.faults.drop("send")
    with pytest.raises(httpx.TransportError):
        await connector.send(place, HELLO)
    assert teams.dm(ANNA) == ()
    teams.faults.lose_answer("send")
    with pytest.raises(httpx.TransportError):
        await connector.send(place, HELLO)
    assert [each.shown for each in teams.dm(ANNA)] == ["Hello"]


async def test_a_held_answer_comes_when_it_is_let_go(connector: Connector) -> None:
    gate = connector.teams.faults.hold("send")
    waiting = asyncio.ensure_future(connector.send(connector.chat(ANNA), HELLO))
    await connector.teams.until(lambda: connector.teams.dm(ANNA))
    assert not waiting.done()
    gate.set()
    assert (await waiting).status_code == 201


async def test_down_and_busy_reach_everything(tmp_path: Path) -> None:
    seconds = [10.0]
    async with teams_running(tmp_path, monotonic=lambda: seconds[0]) as connector:
        faults, place = connector.teams.faults, connector.chat(ANNA)
        faults.down()
        assert (await connector.send(place, HELLO)).status_code == 503
        assert (await connector.ask("GET", f"/{place}/members")).status_code == 503
        faults.up()
        faults.busy(2.5)
        assert (await connector.send(place, HELLO)).headers["Retry-After"] == "3"
        seconds[0] += 2
        assert (await connector.send(place, HELLO)).headers["Retry-After"] == "1"
        seconds[0] += 1
        await connector.sent(place, HELLO)


def test_limits_are_those_of_the_platform() -> None:
    now = [0.0]
    limiter = Limiter(lambda: now[0], per_tenant=1000)

    def burst(asked: int) -> int:
        return sum(limiter.wait_to_send("a:1") == 0 for _ in range(asked))

    assert burst(10) == 7
    now[0] = 1.5
    assert burst(10) == 1, "eight in two seconds"
    granted = 8
    for second in range(3, 30):
        now[0] = float(second)
        granted += burst(10)
    assert granted == 60, "sixty in thirty seconds"
    assert limiter.wait_to_send("a:1") == 1
    assert sum(limiter.wait_to_read("a:1") == 0 for _ in range(20)) == 14
    limiter.forgive("a:1")
    assert limiter.wait_to_send("a:1") == 0
