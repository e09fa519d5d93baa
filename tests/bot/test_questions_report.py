"""``questions report``: what got no simple answer, in the terminal and for other programs."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.commands import context
from bot.commands.context import Context
from handlers.events import Asked, Person, Place
from handlers.messages import Language
from handlers.questions.matching import Kind, Match
from handlers.questions.topics import Topic
from handlers.store import questions as store
from handlers.store.database import Database
from tests.handlers.rig import NOW, HandClock

ASKED = (
    ("Hva med nettbrettet, spør Kari Nordmann [bold]\x1b[31m 45678901", Match(Kind.HANDOVER), 1),
    ("mobilen min", Match(Kind.CHOOSE, None, (Topic.LOST_PHONE, Topic.NEW_PHONE)), 2),
    ("how do I start", Match(Kind.ANSWER, Topic.SETUP), 3),
    ("for lenge siden", Match(Kind.HANDOVER), 20),
)


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which no row of the table is wrapped, whatever the tests are run in."""
    monkeypatch.setattr(context.out, "_width", 200)


@pytest.fixture
async def config(sqlite_url: str, tmp_path: Path) -> Path:
    """A settings file beside a database with questions in it."""
    database = Database.open(sqlite_url)
    async with database.transaction() as session:
        for number, (text, match, days) in enumerate(ASKED):
            place, at = Place("slack", "D1", private=True), NOW - timedelta(days=days)
            event = Asked(f"e{number}", Person("slack", "T1", "U1"), place, text)
            await store.add(session, event, match, Language.NB, at)
    await database.close()
    file = tmp_path / "app.yaml"
    file.write_text(f"storage:\n  url: {sqlite_url}\n", encoding="utf-8")
    return file


def _report(config: Path, *words: str) -> Result:
    return CliRunner().invoke(
        app,
        ["questions", "report", *words, "--config", str(config)],
        obj=Context(HandClock()),
    )


# Not async: the command runs a loop of its own.
def test_the_report_is_a_table_without_names(config: Path) -> None:
    done = _report(config)
    assert (done.exit_code, done.stderr) == (0, "")
    for word in ("lost-phone", "mobilen min", "Hva med nettbrettet, spør …", "2 of 3 questions"):
        assert word in done.stdout
    for word in ("Kari", "45678901", "\x1b", "lenge siden"):
        assert word not in done.stdout


def test_the_report_looks_further_back_when_told_to(config: Path) -> None:
    done = _report(config, "--days", "30")
    assert "3 of 4 questions from 2026-10-25 to 2026-11-24" in done.stdout
    assert "for lenge siden" in done.stdout


def test_the_report_is_one_object_for_other_programs(config: Path) -> None:
    done = _report(config, "--json")
    found = json.loads(done.stdout)
    assert (found["since"], found["until"], found["questions"]) == ("2026-11-17", "2026-11-24", 3)
    assert [(it["topic"], it["unanswered"], it["chosen"], it["unhelpful"]) for it in found["groups"]] == [
        ("lost-phone", 0, 1, 0),
        (None, 1, 0, 0),
    ]
    assert "Kari" not in done.stdout


def test_a_database_without_tables_is_said_to_be_old(config: Path, tmp_path: Path) -> None:
    config.write_text(f"storage:\n  url: sqlite:///{tmp_path / 'none.db'}\n", encoding="utf-8")
    done = _report(config)
    assert done.exit_code == 1
    assert done.stderr.strip().endswith("run `tofaktor db upgrade`.")


@pytest.mark.parametrize("days", ["0", "-1", "x"])
def test_no_days_are_wrong_use(config: Path, days: str) -> None:
    assert _report(config, "--days", days).exit_code == 2
