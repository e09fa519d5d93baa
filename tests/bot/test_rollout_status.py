"""``rollout status``: in the terminal, for other programs, and as a picture."""

import json
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.commands import context
from bot.commands.context import Context
from handlers.records import WaveDay
from handlers.rollout import pauses
from handlers.store.database import Database
from tests.handlers.rig import NOW, HandClock
from tests.handlers.rollout.given import DAY, LEIF, PAL, entry, put


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which no row of the table is wrapped, whatever the tests are run in."""
    monkeypatch.setattr(context.out, "_width", 200)


@pytest.fixture
async def config(sqlite_url: str, tmp_path: Path) -> Path:
    """A settings file beside a database with a plan in it."""
    database = Database.open(sqlite_url)
    name = "[bold]First\x1b[31m"
    await put(database, entry(PAL, wave=name), entry(LEIF, wave=name, ready_at=NOW))
    none = dict.fromkeys(("reminded", "unreachable", "disabled", "gone", "guest", "excluded"), 0)
    day = NOW.date() - timedelta(days=1)
    async with database.transaction() as session:
        session.add(WaveDay(day=day, wave=name, activation_day=DAY, accounts=2, ready=0, **none))
    await pauses.pause(database, None, "Ingrid [red]", NOW)
    await database.close()
    file = tmp_path / "app.yaml"
    file.write_text(f"storage:\n  url: {sqlite_url}\n", encoding="utf-8")
    return file


def _status(config: Path, *words: str) -> Result:
    told = ["rollout", "status", *words, "--config", str(config)]
    return CliRunner().invoke(app, told, obj=Context(HandClock()))


# Not async: the command runs a loop of its own.
def test_the_terminal_shows_waves_reminders_and_the_pause(config: Path) -> None:
    done = _status(config)
    assert done.exit_code == 0, done.output
    assert "[bold]First[31m" in done.output
    assert "██████████░░░░░░░░░░  50 %" in done.output
    assert "Mon 2027-01-18" in done.output
    assert "Reminders: none yet." in done.output
    assert "The whole rollout is paused since 2026-11-24 10:15, by Ingrid [red]." in done.output


def test_other_programs_get_the_same_and_the_days_before(config: Path) -> None:
    found = json.loads(_status(config, "--json").stdout)
    assert (found["accounts"], found["ready"]) == (2, 1)
    assert found["paused"] == [{"wave": None, "since": "2026-11-24 09:15:00+00:00", "by": "Ingrid [red]"}]
    [course] = found["history"]
    assert course["points"] == [
        {"day": "2026-11-23", "accounts": 2, "ready": 0},
        {"day": "2026-11-24", "accounts": 2, "ready": 1},
    ]


def test_the_chart_is_written_where_it_can_be_or_one_sentence_says_why_not(
    config: Path, tmp_path: Path
) -> None:
    file = tmp_path / "chart.svg"
    done = _status(config, "--chart", str(file))
    assert done.exit_code == 0, done.output
    assert ET.parse(file).getroot().tag.endswith("svg")
    refused = _status(config, "--chart", str(tmp_path / "no" / "chart.svg"))
    assert refused.exit_code == 1
    assert "cannot be written: No such file or directory." in refused.stderr
