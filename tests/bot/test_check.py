"""``check`` against a whole installation: all well, one thing wrong at a time, and never a secret."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.doctor import Finding, State, database, examine, providers
from bot.doctor.asking import Check
from bot.sandbox.eid.faults import Fault
from bot.sandbox.entra.sign_in_faults import SignInFault
from bot.sandbox.stage import Stage, stage
from bot.settings import Settings, load
from handlers.ports import NotSent
from handlers.store.audit import SYSTEM, Audit, AuditKeys
from handlers.store.database import Database
from tests.commands import tofaktor
from tests.handlers.store.given import run


def _settings(playing: Stage) -> Settings:
    return load(playing.config, playing.environment())


def _by_name(found: Sequence[Finding]) -> dict[str, Finding]:
    return {each.name: each for each in found}


async def _run(playing: Stage, *words: str, **variables: str) -> tuple[int, str, str]:
    said = await asyncio.to_thread(
        tofaktor,
        "check",
        "--config",
        str(playing.config),
        *words,
        environment=playing.environment() | variables,
    )
    return said.code, said.out, said.err


def _holds_no_secret(told: str, secrets: Mapping[str, str]) -> None:
    for name, secret in secrets.items():
        assert secret not in told, name
        assert not [line for line in secret.splitlines() if len(line) > 30 and line in told], name


@pytest.mark.slow
async def test_all_well_in_a_process_of_its_own(tmp_path: Path) -> None:
    async with stage(tmp_path, start=datetime.now(UTC)) as playing:
        code, out, err = await _run(playing, "--json", "--send-test")
        told = json.loads(out)
        assert (code, told["ok"], err) == (0, True, "")
        assert {frozenset(each) for each in told["checks"]} == {
            frozenset({"name", "state", "found", "remedy"})
        }
        for each in told["checks"]:
            assert bool(each["remedy"]) is (each["state"] != "ok"), each
        assert [mail.to for mail in playing.entra.post.sent] == [playing.entra.post.sent[0].sender]
        _holds_no_secret(out, playing.secrets())


async def test_each_fault_is_found_and_hides_no_other(tmp_path: Path) -> None:
    async with stage(tmp_path) as playing:
        settings = _settings(playing)
        well = _by_name(await examine(settings, playing.clock))
        assert not [each for each in well.values() if each.state is State.FAIL]

        playing.entra.login.granted.discard("UserAuthMethod-TAP.ReadWrite.All")
        playing.entra.tenant.policy.enabled = False
        playing.slack.scopes.discard("users:read.email")
        settings = settings.model_copy(
            update={"slack": settings.slack.model_copy(update={"help_channels": (_foreign(playing),)})}
        )
        playing.eid.faults.add(Fault.METADATA_DOWN)
        found = _by_name(await examine(settings, _Ahead(playing)))
        failing = {name: each for name, each in found.items() if each.state is State.FAIL}
        assert {name: words in failing[name].found for name, words in _FAILS.items()} == dict.fromkeys(
            _FAILS, True
        )
        assert failing.keys() == _FAILS.keys()
        assert all(each.remedy for each in failing.values())
        assert found["Database"] == well["Database"]
        assert found["Group approval.group"] == well["Group approval.group"]
        _holds_no_secret(str(found), playing.secrets())


_FAILS = {
    "Graph permission UserAuthMethod-TAP.ReadWrite.All": "missing",
    "Slack scopes": "users:read.email",
    "Slack channel slack.help_channels": "the bot is not in",
    "eID idporten": "status 503",
    "Clock": "ahead of",
    "Pass policy": "switched off",
}


class _Ahead:
    """The clock of a machine that is two minutes ahead."""

    def __init__(self, playing: Stage) -> None:
        self._clock = playing.clock

    def now(self) -> datetime:
        return self._clock.now() + timedelta(minutes=2)


def _foreign(playing: Stage) -> str:
    return playing.slack.add_channel("elsewhere", with_bot=False)


async def test_another_issuer_a_refused_secret_and_a_broken_chain(tmp_path: Path) -> None:
    async with stage(tmp_path) as playing:
        settings = _settings(playing)
        playing.entra.sign_ins.faults.add(SignInFault.METADATA_OTHER_ISSUER)
        (issuer,) = await Check("Sign-in", "", lambda: providers.entra(settings)).findings()
        assert (issuer.state, issuer.found) == (State.FAIL, "metadata is of no use: another issuer")
        assert settings.entra.tenant_id in issuer.remedy
        opened = Database.open(playing.storage_url)
        keys = AuditKeys([key.get_secret_value() for key in settings.secrets.audit_key])
        async with opened.transaction() as session:
            await Audit(keys).append(session, at=playing.clock.now(), actor=SYSTEM, action="a", data={})
        assert [each.state for each in await database.chain(settings)] == [State.OK]
        await run(opened, "UPDATE audit_head SET seq = 7")
        (broken,) = await database.chain(settings)
        assert (broken.state, "audit verify" in broken.remedy) == (State.FAIL, True)
        await run(opened, "UPDATE alembic_version SET version_num = '0001'")
        (old,) = await database.tables(settings)
        assert (old.state, "db upgrade" in old.remedy) == (State.FAIL, True)
        await opened.close()


@pytest.mark.slow
async def test_settings_that_cannot_be_read_are_one_finding(tmp_path: Path) -> None:
    async with stage(tmp_path) as playing:
        code, out, _ = await _run(playing, TOFAKTOR_PASSES__LIFETIME_MINUTES="soon")
    assert code == 1
    assert out.startswith("✗ Settings: ")
    assert "passes.lifetime_minutes" in out
    assert "Remedy: " in out


async def test_whatever_a_party_does_is_a_finding() -> None:
    async def hangs() -> Sequence[Finding]:
        await asyncio.Event().wait()
        return []

    async def refuses() -> Sequence[Finding]:
        raise NotSent("xoxb-123456789012-canarycanary")

    async def breaks() -> Sequence[Finding]:
        raise OSError("https://key.example/?key=canary")

    for look, words in ((hangs, "no answer within 0.01 s"), (refuses, ""), (breaks, "OSError")):
        (found,) = await Check("Party", "call them", look, within=0.01).findings()
        assert (found.state, found.remedy, words in found.found) == (State.FAIL, "call them", True)
        assert "canary" not in found.found
