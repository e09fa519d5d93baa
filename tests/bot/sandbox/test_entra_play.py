"""What a user does at the emulated Entra, what can be made to go wrong there, and what it tells of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.sandbox.clock import SandboxClock
from bot.sandbox.entra import EntraEmulator, SignInRefused
from bot.sandbox.world import FJORDHEIM
from graph.methods import Kind

KARI = FJORDHEIM.named("Kari Bråten")
PASSES = f"/users/{KARI.object_id}/authentication/temporaryAccessPassMethods"


@dataclass
class Stage:
    """The emulator, its clock, and an open line to it."""

    entra: EntraEmulator
    clock: SandboxClock
    http: httpx.AsyncClient

    async def make(self, **body: object) -> dict[str, object]:
        """Make a pass for Kari over HTTP."""
        answer = await self.call("POST", PASSES, {"lifetimeInMinutes": 60, "isUsableOnce": True} | body)
        assert answer.status_code == 201
        made: dict[str, object] = answer.json()
        return made

    async def call(self, method: str, path: str, body: object = None) -> httpx.Response:
        """One request with a good token."""
        bearer = {"Authorization": f"Bearer {self.entra.login.mint()}"}
        return await self.http.request(method, self.entra.graph_url + path, json=body, headers=bearer)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Everything fresh."""
    clock = SandboxClock(tmp_path / "clock")
    async with EntraEmulator(FJORDHEIM, clock, tmp_path) as entra, httpx.AsyncClient() as http:
        yield Stage(entra, clock, http)
    clock.close()


async def test_the_code_stands_in_the_first_answer_only(stage: Stage) -> None:
    made = await stage.make()
    code = str(made["temporaryAccessPass"])
    later = [await stage.call("GET", PASSES), await stage.call("GET", f"{PASSES}/{made['id']}")]
    later.append(await stage.call("GET", PASSES.replace("temporaryAccessPassMethods", "methods")))

    assert len(code) == 8
    assert set(code) & set("+&<!")
    assert all(code not in answer.text and answer.status_code == 200 for answer in later)
    assert later[0].json()["value"][0]["temporaryAccessPass"] is None
    assert [created.code for created in stage.entra.passes_created] == [code]
    assert code not in repr(stage.entra.passes_created) + repr(stage.entra.tenant.account(KARI))


async def test_a_story_that_ends_well(stage: Stage) -> None:
    made = await stage.make()

    session = stage.entra.devices.sign_in_with_pass(KARI, str(made["temporaryAccessPass"]))
    method_id = stage.entra.devices.register_authenticator(session, "Karis nye telefon")

    methods = (await stage.call("GET", PASSES.replace("temporaryAccessPassMethods", "methods"))).json()[
        "value"
    ]
    assert method_id in {method["id"] for method in methods}
    stage.entra.devices.remove_method(KARI, method_id)
    assert stage.entra.tenant.account(KARI).strong_methods == []


async def test_a_pass_that_works_once_works_once(stage: Stage) -> None:
    code = str((await stage.make())["temporaryAccessPass"])
    stage.entra.devices.sign_in_with_pass(KARI, code)

    with pytest.raises(SignInRefused, match="OneTimeUsed"):
        stage.entra.devices.sign_in_with_pass(KARI, code)


async def test_one_that_works_more_often_does(stage: Stage) -> None:
    code = str((await stage.make(isUsableOnce=False))["temporaryAccessPass"])

    assert stage.entra.devices.sign_in_with_pass(KARI, code) == stage.entra.devices.sign_in_with_pass(
        KARI, code
    )


@pytest.mark.parametrize("wrong", ["", "12345678", "ÆØÅ"])
async def test_a_wrong_code_opens_nothing(stage: Stage, wrong: str) -> None:
    with pytest.raises(SignInRefused, match="wrong"):
        stage.entra.devices.sign_in_with_pass(KARI, wrong)
    code = str((await stage.make())["temporaryAccessPass"])
    with pytest.raises(SignInRefused, match="wrong"):
        stage.entra.devices.sign_in_with_pass(KARI, wrong)
    with pytest.raises(SignInRefused, match="wrong"):
        stage.entra.devices.sign_in_with_pass(FJORDHEIM.named("Gro Eikeland"), code)
    assert not stage.entra.tenant.account(KARI).access_pass.used  # type: ignore[union-attr] # made just above


async def test_an_old_an_early_and_a_replaced_pass_open_nothing(stage: Stage) -> None:
    old = str((await stage.make())["temporaryAccessPass"])
    stage.clock.move(timedelta(hours=1, seconds=1))
    with pytest.raises(SignInRefused, match="Expired"):
        stage.entra.devices.sign_in_with_pass(KARI, old)

    start = (stage.clock.now() + timedelta(hours=1)).isoformat()
    early = str((await stage.make(startDateTime=start))["temporaryAccessPass"])
    with pytest.raises(SignInRefused, match="NotYetValid"):
        stage.entra.devices.sign_in_with_pass(KARI, early)
    with pytest.raises(SignInRefused, match="wrong"):
        stage.entra.devices.sign_in_with_pass(KARI, old)


async def test_a_change_of_policy_closes_the_door(stage: Stage) -> None:
    code = str((await stage.make(isUsableOnce=False))["temporaryAccessPass"])
    stage.entra.policy.usable_once = True
    with pytest.raises(SignInRefused, match="DisabledByPolicy"):
        stage.entra.devices.sign_in_with_pass(KARI, code)

    stage.entra.policy.usable_once, stage.entra.policy.enabled = False, False
    with pytest.raises(SignInRefused, match="DisabledByPolicy"):
        stage.entra.devices.sign_in_with_pass(KARI, code)


async def test_a_disabled_account_signs_in_nowhere(stage: Stage) -> None:
    code = str((await stage.make())["temporaryAccessPass"])
    stage.entra.tenant.account(KARI).enabled = False

    with pytest.raises(SignInRefused, match="disabled"):
        stage.entra.devices.sign_in_with_pass(KARI, code)


@pytest.mark.parametrize(("once", "minutes"), [(True, 10), (False, 60)])
async def test_a_session_has_its_time(stage: Stage, once: bool, minutes: int) -> None:
    code = str((await stage.make(isUsableOnce=once))["temporaryAccessPass"])
    session = stage.entra.devices.sign_in_with_pass(KARI, code)
    stage.clock.move(timedelta(minutes=minutes, seconds=-2))
    stage.entra.devices.register(session, Kind.SOFTWARE_OATH)
    stage.clock.move(timedelta(seconds=4))

    with pytest.raises(SignInRefused, match="over"):
        stage.entra.devices.register_authenticator(session, "for sent")


async def test_a_session_ends_with_its_pass(stage: Stage) -> None:
    made = await stage.make(isUsableOnce=False)
    session = stage.entra.devices.sign_in_with_pass(KARI, str(made["temporaryAccessPass"]))
    await stage.call("DELETE", f"{PASSES}/{made['id']}")

    with pytest.raises(SignInRefused, match="over"):
        stage.entra.devices.register_authenticator(session, "telefon")


async def test_a_new_pass_may_take_its_time(stage: Stage) -> None:
    stage.entra.tenant.replication = timedelta(seconds=30)

    assert (await stage.make())["isUsable"] is False
    stage.clock.move(timedelta(seconds=31))
    assert (await stage.call("GET", PASSES)).json()["value"][0]["isUsable"] is True


async def test_a_length_that_the_policy_wants(stage: Stage) -> None:
    stage.entra.policy.length = 48

    codes = {str((await stage.make())["temporaryAccessPass"]) for _ in range(5)}

    assert len(codes) == 5
    assert {len(code) for code in codes} == {48}


async def test_waiting_for_something_to_happen(stage: Stage) -> None:
    waiting = asyncio.create_task(
        stage.entra.wait_for(lambda: stage.entra.sent("POST", "/temporaryAccessPassMethods"))
    )
    await stage.make()
    (recorded,) = await waiting

    assert (recorded.status, recorded.executed) == (201, True)
    assert recorded.body == {"lifetimeInMinutes": 60, "isUsableOnce": True}
    signed_in = asyncio.create_task(
        stage.entra.wait_for(lambda: stage.entra.tenant.account(KARI).access_pass.used)  # type: ignore[union-attr] # made just above
    )
    stage.entra.devices.sign_in_with_pass(KARI, stage.entra.passes_created[0].code)
    assert await signed_in


async def test_waiting_in_vain_ends(stage: Stage) -> None:
    with pytest.raises(TimeoutError):
        await stage.entra.wait_for(lambda: stage.entra.passes_created, 0.01)


async def test_a_lost_answer_was_carried_out(stage: Stage) -> None:
    stage.entra.faults.lose_answer("POST *")
    with pytest.raises(httpx.RequestError):
        await stage.make()

    assert len(stage.entra.passes_created) == 1
    assert (stage.entra.requests[0].status, stage.entra.requests[0].executed) == (None, True)


async def test_when_it_is_down_nothing_is_carried_out(stage: Stage) -> None:
    stage.entra.faults.down = True
    with pytest.raises(httpx.RequestError):
        await stage.make()
    assert stage.entra.passes_created == []

    stage.entra.faults.clear()
    await stage.make()


async def test_a_planned_status_is_not_carried_out_and_counted_down(stage: Stage) -> None:
    stage.entra.faults.answer("POST *", 503, times=2, retry_after="9")
    for _ in range(2):
        answer = await stage.call("POST", PASSES, {})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "9")
    assert stage.entra.passes_created == []

    await stage.make()


async def test_a_held_request_waits(stage: Stage) -> None:
    gate = stage.entra.faults.hold("GET */temporaryAccessPassMethods")
    held = asyncio.create_task(stage.call("GET", PASSES))
    await stage.make()
    assert not held.done()

    gate.set()
    assert len((await held).json()["value"]) == 1


async def test_a_closed_port_is_opened_again(stage: Stage) -> None:
    url = stage.entra.graph_url
    await stage.entra.refuse_connections()
    with pytest.raises(httpx.ConnectError):
        await stage.make()

    await stage.entra.accept_connections()
    await stage.make()
    assert stage.entra.graph_url == url


async def test_permissions_count_as_missing_at_once(stage: Stage) -> None:
    stage.entra.faults.missing.add("UserAuthMethod-TAP.ReadWrite.All")

    assert (await stage.call("POST", PASSES, {})).status_code == 403


async def test_two_emulators_share_nothing(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with EntraEmulator(FJORDHEIM, stage.clock, tmp_path / "other") as other:
        await stage.make()

        assert other.passes_created == []
        assert other.tenant.account(KARI).access_pass is None
        assert other.login.roles_in(stage.entra.login.mint()) is None
        assert other.client_secret != stage.entra.client_secret
