"""The benchmark measures what it says, and judges nothing."""

import json
import sys
from subprocess import run

import jwt
import pytest
from starlette.routing import Route

from bot.bench import bare
from bot.bench.load import measure, slack, slack_event, teams, teams_activity
from bot.sandbox.eid.keys import lasting
from tests.bot.slack.edge_rig import serving

SERVICE = "http://127.0.0.1:1/teams"


def test_every_event_is_another_one() -> None:
    events = [json.loads(slack_event(number, "U0ANNA", "T1")) for number in range(10)]
    assert len({each["event_id"] for each in events}) == 10
    told = [json.loads(teams_activity(number, SERVICE, "anna", "t")) for number in range(10)]
    assert len({each["id"] for each in told}) == 10


@pytest.mark.parametrize(("secret", "refused"), [("the right one", 0), ("a wrong one", 40)])
async def test_what_is_acknowledged_is_counted(secret: str, refused: int) -> None:
    async with serving(_routes("the right one")) as url:
        measured = await measure(f"{url}/slack/events", slack(secret, "U0ANNA", "T1"), 40)
    assert measured.refused == refused
    assert measured.per_second > 0
    assert 0 < measured.p50 <= measured.p99


@pytest.mark.parametrize(("app_id", "refused"), [("bench", 0), ("another", 40)])
async def test_the_same_for_teams(app_id: str, refused: int) -> None:
    key = lasting("bench")
    token = key.signed({"iss": "https://api.botframework.com", "aud": app_id, "serviceurl": SERVICE})
    keys = jwt.PyJWKSet.from_dict({"keys": [key.public]})
    routes = [each for each in bare.on_teams(keys, "bench").routes if isinstance(each, Route)]
    async with serving(routes) as url:
        measured = await measure(f"{url}/teams/messages", teams(token, SERVICE, "anna", "t"), 40)
    assert measured.refused == refused


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
    return [route for route in bare.on_slack(secret).routes if isinstance(route, Route)]
