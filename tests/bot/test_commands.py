"""The commands as an administrator runs them: exit codes, and one plain sentence on stderr."""

import asyncio
import base64
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.commands import Said, tofaktor
from tests.faults.given import OWNER, approved, played

KEY = base64.b64encode(b"k" * 32).decode()
_GOOD = "organisation:\n  name: Fjordheim\n"


@dataclass(frozen=True)
class Shell:
    """Runs ``tofaktor`` beside a settings file."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def settings(self, text: str) -> None:
        (self.folder / "app.yaml").write_text(text, encoding="utf-8")

    def run(self, *words: str, config: str = "app.yaml", **variables: str) -> Said:
        environment = {**os.environ, "COLUMNS": "200", **self.variables, **variables}
        return tofaktor(*words, "--config", str(self.folder / config), environment=environment)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    found = Shell(tmp_path)
    found.settings(_GOOD)
    return found


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("slack:\n  tokn: xoxb-1\n", ("app.yaml", "slack.tokn")),
        ("passes:\n  lifetime_minutes: soon\n", ("app.yaml", "passes.lifetime_minutes")),
        ("slack: [\n", ("app.yaml",)),
    ],
    ids=["unknown key", "wrong type", "broken YAML"],
)
def test_settings_that_cannot_be_used_are_named_and_end_with_2(
    settings: str, words: tuple[str, ...], shell: Shell
) -> None:
    shell.settings(settings)
    shell.run("case", "list").fails(2, *words)


def test_a_missing_settings_file_is_named(shell: Shell) -> None:
    shell.run("case", "list", config="elsewhere.yaml").fails(2, "elsewhere.yaml")


def test_a_missing_secret_stops_the_start(shell: Shell) -> None:
    shell.run("run").fails(2, "slack.")


def test_an_unknown_command_is_wrong_use() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "bot", "dance"], capture_output=True, text=True, check=False, timeout=60
    )
    assert said.returncode == 2
    assert "dance" in said.stderr


def test_an_old_database_is_upgraded_by_the_command_that_the_refusal_names(shell: Shell) -> None:
    shell.run("case", "list", TOFAKTOR_SECRETS__AUDIT_KEY=KEY).fails(1, "tofaktor db upgrade")
    for _ in range(2):
        said = shell.run("db", "upgrade")
        assert (said.code, said.err) == (0, "")
        assert "up to date" in said.out
    assert shell.run("case", "list", TOFAKTOR_SECRETS__AUDIT_KEY=KEY).code == 0


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Hvordan setter jeg opp tofaktor?", "Sett opp tofaktor"),
        ("Korleis set eg opp tofaktor på ein ny telefon?", "telefon"),
        ("How do I set up two-factor?", "Set up"),
    ],
)
def test_ask_answers_in_the_language_of_the_question(question: str, expected: str, shell: Shell) -> None:
    said = shell.run("ask", question)
    assert (said.code, said.err) == (0, "")
    assert expected in said.out


def test_ask_takes_a_language(shell: Shell) -> None:
    asked = "What is a temporary access pass?"
    in_english, in_nynorsk = shell.run("ask", asked), shell.run("ask", asked, "--lang", "nn")
    assert in_english.code == in_nynorsk.code == 0
    assert "temporary access pass" in in_english.out
    assert "mellombels" in in_nynorsk.out.lower()
    assert shell.run("ask", asked, "--lang", "tlh").code == 2


def test_rollout_import_needs_a_file(shell: Shell) -> None:
    shell.run("rollout", "import", str(shell.folder / "no.csv")).fails(1, "no.csv cannot be read")
    shell.run("rollout", "import").fails(2, "a file", "rollout.waves")


async def test_cases_the_audit_and_the_plan_of_a_running_bot(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        await approved(story)
        shell = Shell(tmp_path, story.stage.secrets())
        owner = story.person(OWNER)

        listed = shell.run("case", "list")
        assert (listed.code, listed.err) == (0, "")
        assert owner.upn in listed.out
        assert "approved" in listed.out
        case = next(word for word in listed.out.split() if len(word) == 7 and word[4] == "-")
        shown = shell.run("case", "show", case.lower())
        assert shown.code == 0
        assert owner.name in shown.out
        assert "Máret Utsi" in shown.out
        shell.run("case", "show", "NO-CASE").fails(1, "NO-CASE", "tofaktor case list")

        # The command runs in this thread, so Graph, which is emulated here, could not answer it.
        code, told = await _beside(shell, "rollout", "import", str(_plan(tmp_path, owner.upn)), "--dry-run")
        assert (code, told.split(" added")[0]) == (0, "1 would be")
        code, told = await _beside(shell, "rollout", "import", str(_plan(tmp_path, "x@y.example")))
        assert code == 1
        assert "line 2" in told
        code, told = await _beside(shell, "rollout", "import", str(_plan(tmp_path, owner.upn, "2027-01-17")))
        assert code == 0
        assert "Warning: 2027-01-17, the activation day of 1 accounts, is a Sunday." in told
        exported = shell.run("rollout", "export", "--on", "2027-01-17", "--missing")
        assert exported.out.splitlines() == [
            "account,object_id,activation_day,wave,state",
            f"{owner.upn},{owner.object_id},2027-01-17,,missing",
        ]
        assert shell.run("rollout", "export", "--on", "2027-01-17", "--missing", "--ready").code == 2

        assert "Nobody" in shell.run("rollout", "preview", "--on", "2027-01-13").out
        shown = shell.run("rollout", "preview", "--on", "2027-01-15")
        assert "│ -2 " in shown.out
        assert "in Slack" in shown.out
        assert "is a Sunday" in shown.err

        assert shell.run("rollout", "pause").out == "The rollout is paused.\n"
        assert shell.run("rollout", "pause").out == "The rollout is paused already.\n"
        code, told = await _beside(shell, "rollout", "who", owner.upn.upper())
        assert code == 0
        for word in (owner.object_id, "Sun 2027-01-17", "paused", "ready", "reminder -14", "to come"):
            assert word in told
        assert shell.run("rollout", "resume").out == "The rollout goes on.\n"
        shell.run("rollout", "resume").fails(1, "is not paused")
        shell.run("rollout", "pause", "Third").fails(1, "no wave called Third")

        stopped = shell.run("passes", "stop", "--reason", "Mange like saker")
        assert (stopped.code, stopped.out.strip()) == (0, "Passes are stopped.")
        assert "stopped already" in shell.run("passes", "stop").out
        assert shell.run("passes", "start").code == 2
        assert "given again" in shell.run("passes", "start", "--name", "Ingrid Solbakken").out

        assert "whole" in shell.run("audit", "verify").out
        shell.run("audit", "verify", TOFAKTOR_SECRETS__AUDIT_KEY="").fails(2, "secrets.audit_key")
        await story.stage.stop_bot()
        _tamper(tmp_path / "tofaktor.db", 2)
        shell.run("audit", "verify").fails(1, "broken at row 2")


async def test_run_refuses_an_old_schema_and_a_taken_port(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        bind = story.stage.bot_url.removeprefix("http://")
        shell = Shell(tmp_path, story.stage.secrets() | {"TOFAKTOR_WEB__BIND": bind})
        shell.run("run").fails(1, "web.bind", bind, "another port")
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    freed = shell.run("run", TOFAKTOR_STORAGE__URL=empty)
    freed.fails(1, "older than this program", "tofaktor db upgrade")


def _plan(folder: Path, account: str, day: str = "2027-01-18") -> Path:
    file = folder / "plan.csv"
    file.write_text(f"account;activation_day\n{account};{day}\n", encoding="utf-8")
    return file


async def _beside(shell: Shell, *words: str) -> tuple[int, str]:
    """Run a command while this event loop goes on."""
    said = await asyncio.to_thread(shell.run, *words)
    return said.code, said.out + said.err


def _tamper(file: Path, row: int) -> None:
    """Change a row as somebody could who owns the database file: the trigger is no hindrance to them."""
    with closing(sqlite3.connect(file)) as database, database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE audit SET action = 'nothing.happened' WHERE seq = ?", (row,))


def test_a_batch_of_questions_is_sorted_a_line_each(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    asked = (
        "I have lost my phone",
        "what is for lunch in the canteen",
        "takk!",
        "give me a pass for my boss",
    )
    lines = [json.dumps({"id": number, "text": text}) for number, text in enumerate(asked)]
    file.write_text("\n".join([*lines, "", json.dumps({"id": "x", "text": "hei", "lang": "nn"})]))
    said = shell.run("ask", "--batch", str(file))
    sorted_ = [json.loads(line) for line in said.out.splitlines()]
    assert [set(one) for one in sorted_] == [{"id", "kind", "topic", "alternatives", "lang"}] * 5
    assert [(one["id"], one["kind"], one["topic"]) for one in sorted_] == [
        (0, "answer", "lost-phone"),
        (1, "handover", None),
        (2, "smalltalk", "off-topic"),
        (3, "refuse", "abuse"),
        ("x", "smalltalk", "off-topic"),
    ]
    assert sorted_[4]["lang"] == "nn"


@pytest.mark.parametrize("line", ["not json", "[]", '{"id": 1}', '{"id": null, "text": "x"}'])
def test_a_bad_line_of_a_batch_is_named(shell: Shell, tmp_path: Path, line: str) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text(f'{{"id": 1, "text": "hei"}}\n{line}\n')
    said = shell.run("ask", "--batch", str(file))
    assert said.code == 2
    assert f"{file}, line 2:" in said.err
    assert "kind" not in said.out


def test_new_phrasings_are_tried_before_they_are_learnt(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "new.txt"
    file.write_text("= lost-phone\nI have lost my phone\n= privacy\nI have lost my phone somewhere\n")
    said = shell.run("questions", "test", str(file))
    assert "= lost-phone: I have lost my phone" in said.out
    assert "≠ privacy: I have lost my phone somewhere" in said.out
    assert "2 phrasings, of which 1 would change the outcome." in said.out
    file.write_text("no topic\n")
    assert shell.run("questions", "test", str(file)).code == 2
