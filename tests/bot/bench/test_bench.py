"""The benchmark measures what it says, and judges nothing."""

import json
import sys
from subprocess import run

import pytest
from starlette.routing import Route

from bot.bench import bare
from bot.bench.load import event, measure
from tests.bot.slack.edge_rig import serving


def test_every_event_is_another_one() -> None:
    events = [json.loads(event(number, "U0ANNA", "T1")) for number in range(10)]
    assert len({each["event_id"] for each in events}) == 10


@pytest.mark.parametrize(("secret", "refused"), [("the right one", 0), ("a wrong one", 40)])
async def test_what_is_acknowledged_is_counted(secret: str, refused: int) -> None:
    async with serving(_routes("the right one")) as url:
        measured = await measure(f"{url}/slack/events", secret, 40, "U0ANNA", "T1")
    assert measured.refused == refused
    assert measured.per_second > 0
    assert 0 < measured.p50 <= measured.p99


def test_an_unknown_part_is_wrong_use() -> None:
    done = run(
        [sys.executable, "-m", "bot.bench", "weather"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "weather" in done.stderr
    assert "Traceback" not in done.stderr


def _routes(secret: str) -> list[Route]:
    return [route for route in bare.application(secret).routes if isinstance(route, Route)]
