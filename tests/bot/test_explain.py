"""``verification explain``: why something is enough or not, in words, and one sentence when there is nothing."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.commands.freezing import lift
from bot.commands.verification import find, words
from bot.sandbox.world import AGENTS, APPROVERS, FJORDHEIM, RECTORATE, SECURITY
from bot.settings import Settings, load
from handlers.notices.disowning import LINK
from handlers.verification.proving import Given
from tests.commands import tofaktor
from tests.handlers.rig import INGRID, JONAS, MINUTE, NORA, Rig, opened_rig
from tests.handlers.store.given import run


@pytest.fixture
async def rig(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Rig]:
    async with opened_rig(sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def settings(rig: Rig, sqlite_url: str, tmp_path: Path) -> Settings:
    """Those with which the rig could have been made."""
    tree = {
        "slack": {
            "workspace_ids": [FJORDHEIM.slack_workspace],
            "support_channel": "C0SUPPORT",
            "bot_token": "xoxb-1",
            "app_token": "xapp-1",
        },
        "entra": {
            "tenant_id": rig.entra.tenant_id,
            "client_id": rig.entra.client_id,
            "client_secret": rig.entra.client_secret,
            "authority_url": rig.entra.authority_url,
            "graph_url": rig.entra.graph_url,
        },
        "http": {"ca_file": str(rig.entra.ca_file)},
        "approval": {"group": FJORDHEIM.group(APPROVERS).object_id},
        "verification": {
            "agents_group": FJORDHEIM.group(AGENTS).object_id,
            "class_b_groups": [FJORDHEIM.group(RECTORATE).object_id],
            "class_c_groups": [FJORDHEIM.group(SECURITY).object_id],
        },
        "secrets": {
            "audit_key": base64.b64encode(b"a" * 32).decode(),
            "evidence_key": base64.b64encode(b"e" * 32).decode(),
        },
        "storage": {"url": sqlite_url},
    }
    with (tmp_path / "explain.yaml").open("w") as file:
        YAML(typ="safe", pure=True).dump(tree, file)
    return load(tmp_path / "explain.yaml", {})


async def _told(rig: Rig, settings: Settings, who: str) -> str:
    found = await find(settings, rig.clock, who)
    assert found is not None
    return "\n".join(words(found))


async def test_a_case_that_is_enough(rig: Rig, settings: Settings) -> None:
    case = (await rig.verified()).case
    rig.clock.move(4 * MINUTE)
    told = await _told(rig, settings, case.id.lower())
    weak = "it takes 2 approvals, and a wait of 4 hours of support's working hours after the last"
    assert told.splitlines() == [
        f"Account: {NORA} ({case.target_upn})",
        "Class A: an ordinary account.",
        f"Case {case.id}: verified, opened by the agent.",
        "Evidence:",
        "  2026-11-24 09:15 UTC, seen with photo ID by an agent: counts.",
        "Enough: it takes one approval, and no wait.",
        "Approved by: nobody yet (0 of 1).",
        "What is enough:",
        "  an eID, or one agent who sees the person with photo ID: it takes one approval, and no wait;",
        f"  two different weak proofs, one of them by live video or from the manager: {weak}.",
    ]


async def test_a_case_that_is_not_enough_is_found_by_its_account(rig: Rig, settings: Settings) -> None:
    case = await rig.opened()
    await rig.code(case)
    rig.entra.tenant.account(rig.id(NORA)).password_changed = rig.clock.now()
    rig.entra.faults.answer("GET /users/*/authentication/methods", 403, times=None)
    given, standing = Given("video", 1, rig.id(JONAS), "challenge"), await rig.proving.standing(case.target)
    async with rig.database.transaction() as session:
        assert await rig.proving.take(session, case.id, given, None, rig.clock.now(), standing)
    told = await _told(rig, settings, case.target_upn)
    assert "The bar is one step higher: the password was changed a short while ago." in told
    assert "Unknown: when a sign-in method was added." in told
    assert "seen on live video by an agent: counts, but is not enough by itself." in told
    assert "Not enough: it takes an eID of the highest level, or two agents" in told
    assert "a code to the phone on file: it takes 2 approvals, and a wait of one hour after the last." in told


async def test_evidence_that_counts_no_more(rig: Rig, settings: Settings) -> None:
    case = (await rig.verified()).case
    rig.clock.move(61 * MINUTE)
    told = await _told(rig, settings, case.id)
    assert "does not count, since it is older than one hour." in told
    assert "Not enough: everything that was proved is too old." in told
    await run(rig.database, "UPDATE evidence SET level = 4")
    assert "changed from outside this program" in await _told(rig, settings, case.id)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            "Rune Tveit",
            "it has a directory role, may activate one, or is in or owns a group that can have one.",
        ),
        (INGRID, "it belongs to the bot's own approvers or agents."),
    ],
)
async def test_an_account_that_gets_no_pass(rig: Rig, settings: Settings, name: str, why: str) -> None:
    told = await _told(rig, settings, FJORDHEIM.named(name).upn)
    assert f"Class C: {why}" in told
    assert "No case stands for this account." in told
    assert "Nothing is enough: this account gets no pass from the bot." in told


async def test_nothing_of_that_name_is_one_sentence_and_exit_code_1(
    rig: Rig, settings: Settings, tmp_path: Path
) -> None:
    assert settings.entra.client_id == rig.entra.client_id
    done = await asyncio.to_thread(
        tofaktor,
        *("verification", "explain", "nobody@fjordheim.example"),
        *("--config", str(tmp_path / "explain.yaml")),
        environment={**os.environ, "LOG_LEVEL": "ERROR"},
    )
    assert (done.code, done.out) == (1, "")
    [sentence] = done.err.strip().splitlines()
    assert sentence.startswith("There is no case and no account nobody@fjordheim.example")


async def test_a_frozen_account_says_so_and_a_named_person_lets_it_go(rig: Rig, settings: Settings) -> None:
    case = (await rig.verified()).case
    await rig.disowning.disown(case, LINK)
    assert "No new case until 2026-12-01 09:15 UTC: somebody said “it wasn't me”." in await _told(
        rig, settings, case.target_upn
    )
    assert await lift(settings, "nobody@fjordheim.example", "Kari", rig.clock.now()) is None
    done = [await lift(settings, case.target_upn, "Kari", rig.clock.now()) for _ in range(2)]
    assert done == [True, False]
    assert "No new case until" not in await _told(rig, settings, case.target_upn)
