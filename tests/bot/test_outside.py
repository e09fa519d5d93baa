"""Other parties may say what they like, as long as they like: a small JSON object reaches us, or an error."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.outside import LARGEST, BadAnswer, JsonObject, NoAnswer, OutsideError, ask


@dataclass
class Party:
    """Answers each connection with these bytes, one chunk after the other, and closes or holds on."""

    chunks: list[bytes]
    hold: bool = False
    endless: bytes = b""
    asked: list[bytes] = field(default_factory=list)
    port: int = 0
    _done: asyncio.Event = field(default_factory=asyncio.Event)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            for chunk in self.chunks:
                writer.write(chunk)
                await writer.drain()
            while self.endless and not self._done.is_set():
                writer.write(self.endless)
                await writer.drain()
                with suppress(TimeoutError):  # slow on purpose
                    await asyncio.wait_for(self._done.wait(), 0.005)
            if self.hold:
                await self._done.wait()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the other side has heard enough
        finally:
            writer.close()

    def stop(self) -> None:
        self._done.set()


@asynccontextmanager
async def party(*chunks: bytes, hold: bool = False, endless: bytes = b"") -> AsyncIterator[Party]:
    talking = Party(list(chunks), hold, endless)
    server = await asyncio.start_server(talking.talk, "127.0.0.1", 0)
    talking.port = server.sockets[0].getsockname()[1]
    try:
        yield talking
    finally:
        talking.stop()
        server.close()
        await server.wait_closed()


async def asked(
    to: Party, *, patience: float = 5.0, within: float = 10.0, largest: int = LARGEST
) -> JsonObject:
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=patience) as client:
        request = client.build_request("GET", f"http://127.0.0.1:{to.port}/what")
        return await ask(client, request, largest=largest, within=within)


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize("status", ["200 OK", "201 Created"])
async def test_a_small_object(status: str) -> None:
    async with party(answer(b'{"a": 1}', status, "Content-Type: text/html")) as there:
        assert await asked(there) == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"5", b'"x"', b"null", b"<html>", b"{", b'{"a": 1} {', b"\xff\xfe\xfd", b"\x00" * 10,
     b"[" * 100_000, b'{"a":' * 20_000, b'{"a": ' + b"9" * 5000 + b"}"],
    ids=lambda body: repr(body[:10]),
)  # fmt: skip
async def test_what_is_no_object(body: bytes) -> None:
    async with party(answer(body)) as there:
        with pytest.raises(BadAnswer, match="JSON"):
            await asked(there)


@pytest.mark.parametrize("size", [LARGEST, LARGEST + 1])
async def test_as_much_as_is_allowed(size: int) -> None:
    body = json.dumps({"a": ""}).encode()
    body = body.replace(b'""', b'"' + b"x" * (size - len(body)) + b'"')
    async with party(answer(body)) as there:
        if size <= LARGEST:
            assert len(str((await asked(there))["a"])) > LARGEST - 20
        else:
            with pytest.raises(BadAnswer, match="too large"):
                await asked(there)


async def test_an_answer_without_end_is_left_early() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with party(chunked, endless=b"1000\r\n" + b" " * 4096 + b"\r\n") as there:
        with pytest.raises(BadAnswer, match="too large"):
            await asked(there)


async def test_what_is_compressed_is_neither_asked_for_nor_unpacked() -> None:
    """A quarter of a megabyte on the wire would be a quarter of a gigabyte here."""
    packed = gzip.compress(b" " * 100_000_000 + b'{"a": 1}')
    for encoding in ("gzip", "br", "x"):
        async with party(answer(packed, "200 OK", f"Content-Encoding: {encoding}")) as there:
            with pytest.raises(BadAnswer, match="compressed"):
                await asked(there)
            assert b"accept-encoding: identity\r\n" in there.asked[0].lower()
    async with party(answer(b'{"a": 1}', "200 OK", "Content-Encoding: identity")) as there:
        assert await asked(there) == {"a": 1}


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
async def test_a_redirect_is_not_followed(status: str) -> None:
    async with party(answer(b'{"a": 1}')) as elsewhere:
        where = f"Location: http://127.0.0.1:{elsewhere.port}/canary"
        async with party(answer(b'{"a": 1}', status, where)) as there:
            with pytest.raises(BadAnswer, match=f"status {status[:3]}"):
                await asked(there)
            async with httpx.AsyncClient(trust_env=False, verify=False, follow_redirects=True) as client:
                with pytest.raises(BadAnswer):
                    await ask(client, client.build_request("GET", f"http://127.0.0.1:{there.port}/"))
        assert not elsewhere.asked


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("204 No Content", BadAnswer),
        ("400 Bad Request", BadAnswer),
        ("401 Unauthorized", BadAnswer),
        ("404 Not Found", BadAnswer),
        ("429 Too Many Requests", NoAnswer),
        ("500 Oops", NoAnswer),
        ("503 Busy", NoAnswer),
    ],
)
async def test_other_statuses(status: str, error: type[OutsideError]) -> None:
    body = b"" if status.startswith("204") else b'{"error_description": "canary"}'
    async with party(answer(body, status)) as there:
        with pytest.raises(error) as refused:
            await asked(there)
    assert str(refused.value) == f"status {status[:3]}"


@pytest.mark.parametrize(
    "chunks",
    [
        [],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"],
    ],
    ids=["nothing", "head", "a byte"],
)
async def test_silence(chunks: list[bytes]) -> None:
    async with party(*chunks, hold=True) as there:
        with pytest.raises(NoAnswer):
            await asked(there, patience=0.05)


@pytest.mark.parametrize(
    "begin",
    [
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    ],
    ids=["head", "body", "chunk"],
)
async def test_a_party_that_is_never_silent_and_never_done(begin: bytes) -> None:
    """Every single wait is short: only a limit for the whole ends this."""
    async with party(begin, endless=b" ") as there:
        with pytest.raises(NoAnswer, match="TimeoutError"):
            await asked(there, within=0.2)


@pytest.mark.parametrize(
    "chunks",
    [
        [b"canary\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: canary\r\n\r\n{}"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n"],
        [b"HTTP/1.1 200 OK\r\nX: " + b"canary" * 50_000],
    ],
    ids=["words", "cut off", "length", "chunks", "long header"],
)
async def test_what_is_no_http(chunks: list[bytes]) -> None:
    async with party(*chunks) as there:
        with pytest.raises(NoAnswer) as refused:
            await asked(there)
    assert "canary" not in str(refused.value)


async def test_nobody_there() -> None:
    async with party() as there:
        pass
    with pytest.raises(NoAnswer):
        await asked(there)


async def test_whoever_waits_can_be_told_to_stop() -> None:
    """A limit of the caller's own is the caller's."""
    async with party(hold=True) as there:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await asked(there)


@settings(max_examples=50)
@given(st.binary(max_size=200), st.integers(200, 599))
async def test_whatever_comes_is_an_object_or_an_error(body: bytes, status: int) -> None:
    async with party(answer(body, f"{status} X")) as there:
        try:
            found = await asked(there)
        except OutsideError:
            return
        assert isinstance(found, dict)


Sending = Callable[[httpx.AsyncClient], httpx.Request]


async def test_an_address_that_cannot_be_asked() -> None:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        for address in ("ftp://127.0.0.1/", "http://", "/relative"):
            with pytest.raises(NoAnswer):
                await ask(client, client.build_request("GET", address))
