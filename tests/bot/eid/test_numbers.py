"""Numbers are compared where they are held; nothing but a yes or a no, or no answer, comes back."""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.eid.numbers import BrokenNumbers, FiledNumbers, GraphNumbers, LookedUpNumbers, id_of, keyed
from bot.eid.refusals import EidUnavailable
from bot.sandbox.clock import SandboxClock
from bot.sandbox.entra import EntraEmulator
from bot.sandbox.world import FJORDHEIM
from graph.client import GraphClient
from graph.clouds import scope_for
from graph.errors import GraphError
from graph.secret import Secret
from graph.tokens import ClientSecret, Tokens
from graph.users import Users
from tests.bot.eid.rig import EMIL, NORA

NUMBER = Secret(NORA.person_number or "")
OTHER = Secret(EMIL.person_number or "")
KEYS = [bytes([each]) * 32 for each in (1, 2)]
ATTRIBUTE = "onPremisesExtensionAttributes/extensionAttribute1"


@pytest.fixture
async def entra(tmp_path: Path) -> AsyncIterator[tuple[EntraEmulator, Users]]:
    clock = SandboxClock(tmp_path / "clock")
    async with EntraEmulator(FJORDHEIM, clock, tmp_path) as emulator:
        tokens = Tokens(
            authority_url=emulator.authority_url,
            tenant_id=emulator.tenant_id,
            client_id=emulator.client_id,
            credential=ClientSecret(Secret(emulator.client_secret)),
            scope=scope_for(emulator.graph_url),
            ca_file=emulator.ca_file,
        )
        async with GraphClient(emulator.graph_url, tokens) as client:
            yield emulator, Users(client)
        await tokens.aclose()
    clock.close()


async def test_a_property_of_the_account(entra: tuple[EntraEmulator, Users]) -> None:
    source = GraphNumbers(entra[1], ATTRIBUTE)
    assert await source.matches(NORA.object_id, NUMBER)
    assert not await source.matches(NORA.object_id, OTHER)
    assert not await source.matches(FJORDHEIM.named("Arjun Patel").object_id, NUMBER)


async def test_a_directory_that_does_not_answer_is_no_no(entra: tuple[EntraEmulator, Users]) -> None:
    entra[0].faults.answer("GET /users/*", 403)
    with pytest.raises(GraphError):
        await GraphNumbers(entra[1], ATTRIBUTE).matches(NORA.object_id, NUMBER)
    with pytest.raises(GraphError):
        await GraphNumbers(entra[1], ATTRIBUTE).matches("7e1f7f9a-0000-4000-8000-000000000000", NUMBER)


Answering = Callable[[web.Request], web.Response]


@asynccontextmanager
async def service(
    answer: object, *, status: int = 200
) -> AsyncIterator[tuple[LookedUpNumbers, list[object]]]:
    """An organisation's own service, which answers so."""
    asked: list[object] = []

    async def look_up(request: web.Request) -> web.Response:
        asked.append(await request.json())
        return web.json_response(answer, status=status, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_post("/match", look_up)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            yield LookedUpNumbers(client, f"http://127.0.0.1:{runner.addresses[0][1]}/match"), asked
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("match", [True, False])
async def test_a_service_says_yes_or_no(match: bool) -> None:
    async with service({"match": match, "more": 1}) as (source, asked):
        assert await source.matches(NORA.object_id, NUMBER) is match
    assert asked == [{"account": NORA.object_id, "number": NUMBER.reveal()}]


@pytest.mark.parametrize(
    "answer", [{}, {"match": "true"}, {"match": 1}, {"match": None}, [True], True, "yes"]
)
async def test_anything_else_is_no_answer(answer: object) -> None:
    async with service(answer) as (source, _):
        with pytest.raises(EidUnavailable, match=r"^number-source-"):
            await source.matches(NORA.object_id, NUMBER)


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500])
async def test_a_service_out_of_order_is_no_answer(status: int) -> None:
    async with service({"match": True}, status=status) as (source, asked):
        with pytest.raises(EidUnavailable) as refused:
            await source.matches(NORA.object_id, NUMBER)
        assert len(asked) == 1
        assert NUMBER.reveal() not in str(refused.value)


async def test_a_service_that_is_not_there(tmp_path: Path) -> None:
    async with service({}) as (source, _):
        pass
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(EidUnavailable, match=r"^number-source-NoAnswer$"):
            await LookedUpNumbers(client, source.address).matches(NORA.object_id, NUMBER)


def line(account: str, key: bytes, number: Secret, between: str = ",") -> str:
    return between.join((account, id_of(key), keyed(key, number)))


def filed(tmp_path: Path, lines: Sequence[str], keys: Sequence[bytes] = KEYS) -> FiledNumbers:
    file = tmp_path / "numbers.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return FiledNumbers(file, keys)


async def test_a_file_of_keyed_hashes(tmp_path: Path) -> None:
    source = filed(
        tmp_path,
        [line(NORA.object_id.upper(), KEYS[0], NUMBER), "", line(EMIL.object_id, KEYS[1], OTHER, ";")],
    )
    assert await source.matches(NORA.object_id, NUMBER)
    assert await source.matches(EMIL.object_id.upper(), OTHER)
    assert not await source.matches(NORA.object_id, OTHER)
    assert not await source.matches(EMIL.object_id, NUMBER)
    assert not await source.matches("7e1f7f9a-0000-4000-8000-000000000000", NUMBER)
    assert NUMBER.reveal() not in source.file.read_text(encoding="utf-8")
    assert not any(keyed(KEYS[0], NUMBER) in text for text in (repr(source), str(source)))


async def test_a_file_as_a_spreadsheet_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_bytes(b"\xef\xbb\xbf" + line(NORA.object_id, KEYS[0], NUMBER).encode() + b"\r\n")
    assert await FiledNumbers(file, KEYS).matches(NORA.object_id, NUMBER)


async def test_a_newer_file_is_read(tmp_path: Path) -> None:
    source = filed(tmp_path, [line(NORA.object_id, KEYS[0], OTHER)])
    assert not await source.matches(NORA.object_id, NUMBER)
    source.file.write_text(line(NORA.object_id, KEYS[1], NUMBER), encoding="utf-8")
    os.utime(source.file, ns=(1, 1))
    assert await source.matches(NORA.object_id, NUMBER)


async def test_a_file_that_breaks_later_is_no_no(tmp_path: Path) -> None:
    source = filed(tmp_path, [line(NORA.object_id, KEYS[0], NUMBER)])
    source.file.write_text("half a line", encoding="utf-8")
    os.utime(source.file, ns=(1, 1))
    for _ in range(2):
        with pytest.raises(EidUnavailable, match=r"^number-file$"):
            await source.matches(NORA.object_id, NUMBER)
    source.file.unlink()
    with pytest.raises(EidUnavailable):
        await source.matches(NORA.object_id, NUMBER)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (f"{NORA.object_id},{id_of(KEYS[0])},{NUMBER.reveal()}", "must be an object id"),
        (f"{NORA.object_id},{NUMBER.reveal()}", "must be an object id"),
        (line("nora", KEYS[0], NUMBER), "must be an object id"),
        (line(NORA.object_id, KEYS[0], NUMBER) + "0", "must be an object id"),
        (line(NORA.object_id, b"3" * 32, NUMBER), "does not hold the key"),
        (line(EMIL.object_id.upper(), KEYS[0], NUMBER), "second time"),
    ],
)
def test_a_broken_file_is_told_by_its_line_alone(tmp_path: Path, wrong: str, says: str) -> None:
    with pytest.raises(BrokenNumbers, match=f"line 3: .*{says}") as broken:
        filed(tmp_path, [line(EMIL.object_id, KEYS[0], OTHER), "", wrong])
    assert NUMBER.reveal() not in str(broken.value)
    assert keyed(KEYS[0], NUMBER) not in str(broken.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "numbers.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BrokenNumbers, match="cannot be read"):
        FiledNumbers(file, KEYS)


@given(st.text("0123456789", min_size=11, max_size=11), st.binary(min_size=32, max_size=32))
def test_what_is_filed_is_neither_the_number_nor_its_plain_hash(number: str, key: bytes) -> None:
    value = keyed(key, Secret(number))
    assert number not in value
    assert len(value) == 64
    assert value != keyed(key[::-1] + b"x", Secret(number))
