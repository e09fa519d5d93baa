"""The gateway for text messages: it is asked once, and what goes wrong tells nothing of the message."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from bot.clock import SystemClock
from bot.gateways.sms import SmsGateway
from bot.sandbox.gateways import GatewayEmulator
from bot.sandbox.world import FJORDHEIM
from graph.secret import Secret
from handlers.ports import NotSent

TO = Secret("+4799912342")


@pytest.fixture
async def emulator() -> AsyncIterator[GatewayEmulator]:
    async with GatewayEmulator(FJORDHEIM, SystemClock()) as running:
        yield running


@pytest.fixture
async def gateway(emulator: GatewayEmulator) -> AsyncIterator[SmsGateway]:
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        yield SmsGateway(client, emulator.sms_url, Secret(emulator.key))


async def test_a_message_goes_out(gateway: SmsGateway, emulator: GatewayEmulator) -> None:
    await gateway.send(TO, "204816 er koden din. Æ, ø og å.")
    [sent] = emulator.texts
    assert (sent.to, sent.text) == (TO.reveal(), "204816 er koden din. Æ, ø og å.")


@pytest.mark.parametrize("status", [202, 301, 400, 401, 429, 500, 503])
async def test_any_other_answer_is_a_no(gateway: SmsGateway, emulator: GatewayEmulator, status: int) -> None:
    emulator.sms_status = status
    with pytest.raises(NotSent) as caught:
        await gateway.send(TO, "canary")
    assert caught.value.__cause__ is None
    assert not [told for told in (TO.reveal(), "canary") if told in f"{caught.value!r}"]
    assert emulator.texts == []


async def test_without_the_right_key_nothing_goes_out(gateway: SmsGateway, emulator: GatewayEmulator) -> None:
    for key in (Secret(""), Secret("another")):
        with pytest.raises(NotSent):
            await replace(gateway, key=key).send(TO, "text")
    assert emulator.texts == []


async def test_a_gateway_that_is_not_there(gateway: SmsGateway, emulator: GatewayEmulator) -> None:
    await emulator.stop()
    with pytest.raises(NotSent):
        await gateway.send(TO, "text")
