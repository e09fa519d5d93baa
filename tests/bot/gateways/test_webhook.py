"""The webhook: signed, once, and what goes wrong tells nothing of what was posted."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from bot.gateways.webhook import Webhook
from bot.sandbox.gateways import GatewayEmulator
from bot.sandbox.world import FJORDHEIM
from graph.secret import Secret
from handlers.ports import NotSent
from tests.handlers.rig import HandClock

PAYLOAD = {"id": "x:1", "kind": "breaker-open", "at": "2026-11-24T09:15:00+00:00", "facts": {"canary": "Ø"}}


@pytest.fixture
async def emulator() -> AsyncIterator[GatewayEmulator]:
    async with GatewayEmulator(FJORDHEIM, HandClock()) as running:
        yield running


@pytest.fixture
async def hook(emulator: GatewayEmulator) -> AsyncIterator[Webhook]:
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        yield Webhook(client, emulator.hook_url, HandClock(), Secret(emulator.hook_key))


async def test_the_receiver_can_tell_that_it_is_ours(hook: Webhook, emulator: GatewayEmulator) -> None:
    await hook.post(PAYLOAD)
    assert emulator.alarms == [PAYLOAD]
    stale = HandClock(datetime(2026, 11, 24, 9, 9, tzinfo=UTC))
    for forged in (
        replace(hook, key=Secret("another")),
        replace(hook, key=Secret("")),
        replace(hook, clock=stale),
    ):
        with pytest.raises(NotSent, match="status 401"):
            await forged.post(PAYLOAD)
    assert len(emulator.alarms) == 1


@pytest.mark.parametrize("status", [301, 307, 400, 429, 500, 503])
async def test_any_other_answer_is_a_no(hook: Webhook, emulator: GatewayEmulator, status: int) -> None:
    emulator.hook_status = status
    with pytest.raises(NotSent) as caught:
        await hook.post(PAYLOAD)
    assert caught.value.__cause__ is None
    assert "canary" not in f"{caught.value!r}"
    assert not caught.value.unknown


async def test_a_receiver_that_is_not_there(hook: Webhook, emulator: GatewayEmulator) -> None:
    await emulator.stop()
    with pytest.raises(NotSent) as caught:
        await hook.post(PAYLOAD)
    assert not caught.value.unknown
