"""``case show`` and ``audit export``: who did what in a case, in the terminal and for other programs."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.commands import context
from handlers.passes import Shown
from handlers.passes.handing import handed_out
from handlers.store.database import Database
from tests.handlers.rig import INGRID, JONAS, NORA, Rig, opened_rig

_KEY = b"a" * 32
"""The rig's."""


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context.out, "_width", 300)


@pytest.fixture
async def shown(sqlite_url: str, tmp_path: Path) -> tuple[str, Path, Rig]:
    """A case from its opening until the pass was handed out and used, beside a settings file."""
    async with opened_rig(sqlite_url, tmp_path) as rig:
        approved = await rig.approved()
        rig.clock.move(timedelta(days=1, minutes=-30))
        again = await rig.claimed(await rig.code(approved.case), approved.browser)
        outcome = await rig.issue.show(again.browser)
        assert isinstance(outcome, Shown)
        await handed_out(rig.database, rig.cases.audit, outcome.case, rig.clock.now())
        rig.entra.devices.sign_in_with_pass(rig.id(NORA), rig.entra.passes_created[0].code)
        rig.clock.move(timedelta(minutes=1))
        await rig.follow.tick(rig.clock.now())
        file = tmp_path / "app.yaml"
        file.write_text(f"storage:\n  url: {sqlite_url}\n", encoding="utf-8")
        return approved.case.id, file, rig


def _run(config: Path, *words: str) -> Result:
    key = base64.b64encode(_KEY).decode()
    return CliRunner().invoke(
        app, [*words, "--config", str(config)], env={"TOFAKTOR_SECRETS__AUDIT_KEY": key}
    )


def _lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_case_tells_who_asked_proved_approved_saw_and_used(shown: tuple[str, Path, Rig]) -> None:
    case, config, _ = shown
    told = _run(config, "case", "show", case.lower()).stdout
    for act, *words in (
        ("case.open", JONAS, "opened by agent"),
        ("case.verified", NORA, "route desk", "level 3", f"seen by {JONAS}"),
        ("case.approved", INGRID),
        ("case.seen-again", NORA),
        ("case.issuing", NORA),
        ("case.shown", NORA),
        ("case.used", "tofaktor"),
    ):
        (line,) = [line for line in told.splitlines() if f" {act} " in line]
        assert all(word in line for word in words), line


def test_the_export_is_the_chain_as_it_was_signed(shown: tuple[str, Path, Rig]) -> None:
    """As docs/audit.md tells a reader to check it, with nothing of ours but the key."""
    _, config, _ = shown
    rows, before = _lines(_run(config, "audit", "export")), "0" * 64
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        data = json.dumps(row["data"], sort_keys=True, separators=(",", ":"))
        signed = ["audit", row["seq"], row["segment"], row["at"], row["actor"], row["action"], row["case"]]
        text = json.dumps([*signed, data, row["key_id"], row["prev"]], separators=(",", ":"))
        assert row["prev"] == before
        assert row["mac"] == hmac.new(_KEY, text.encode(), hashlib.sha256).hexdigest()
        before = row["mac"]


def test_the_export_can_be_a_span_of_time_or_a_case(shown: tuple[str, Path, Rig]) -> None:
    case, config, _ = shown
    every = _lines(_run(config, "audit", "export"))
    first = _lines(_run(config, "audit", "export", "--until", "2026-11-25"))
    rest = _lines(_run(config, "audit", "export", "--since", "2026-11-25T00:00:00Z"))
    assert first
    assert rest
    assert first + rest == every
    of_case = _lines(_run(config, "audit", "export", "--case", case.lower()))
    assert of_case == [row for row in every if row["case"] == case]
    assert _run(config, "audit", "export", "--since", "yesterday").exit_code == 2


def test_the_chain_is_held_against_what_was_kept_of_it(shown: tuple[str, Path, Rig]) -> None:
    _, config, _ = shown
    row = _lines(_run(config, "audit", "export"))[3]
    kept, older = f"{row['seq']}:{row['mac'].upper()}", f"99:{row['mac']}"
    assert _run(config, "audit", "verify", "--head", kept).exit_code == 0
    for wrong in (f"{row['seq']}:{'0' * 64}", older):
        assert _run(config, "audit", "verify", "--head", kept, "--head", wrong).exit_code == 1
    assert _run(config, "audit", "verify", "--head", "november").exit_code == 2


def test_whoever_was_erased_is_a_pseudonym(shown: tuple[str, Path, Rig], sqlite_url: str) -> None:
    case, config, rig = shown

    async def erase() -> bool:
        database = Database.open(sqlite_url)
        async with database.transaction() as session:
            gone = await rig.cases.audit.erase(session, rig.id(INGRID))
        await database.close()
        return gone

    assert asyncio.run(erase())
    told = _run(config, "case", "show", case).stdout
    (line,) = [line for line in told.splitlines() if " case.approved " in line]
    assert INGRID not in line
    assert " p-" in line
