"""A service that speaks chat completions, on a free port. It judges each request, and answers as it is told to."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import trustme
from aiohttp import web

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]
_HOST = "127.0.0.1"


def said(content: str, **message: object) -> dict[str, object]:
    """A whole answer with this content, as the real service wraps it."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "small-1",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": content, "refusal": None, **message},
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def picks(topic: str) -> Respond:
    """The service picks a topic."""
    return answers(said(json.dumps({"topic": topic})))


def answers(body: object, status: int = 200) -> Respond:
    """The service answers this."""

    async def respond(_: web.Request) -> web.StreamResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=raw, status=status, content_type="application/json")

    return respond


def redirects(where: str) -> Respond:
    """The service sends elsewhere."""

    async def respond(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": where})

    return respond


@dataclass
class ReaderEmulator:
    """Refuses what the real service refuses: another path, a wrong key, a schema that it does not take."""

    key: str = "canary-key"
    model: str = "small-1"
    respond: Respond = field(default_factory=lambda: picks("none"))
    bodies: list[Mapping[str, object]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    """Everything that reached it, headers and all."""
    refused: list[str] = field(default_factory=list)
    url: str = ""

    ca_file: Path | None = None
    """Where to write the authority: then it listens over TLS."""

    def __post_init__(self) -> None:
        self._runner: web.AppRunner | None = None
        self._end = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        context = None
        if self.ca_file is not None:
            authority = trustme.CA()
            authority.cert_pem.write_to_path(self.ca_file)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(_HOST).configure_cert(context)
        await web.TCPSite(self._runner, _HOST, 0, ssl_context=context).start()
        scheme = "https" if context else "http"
        self.url = f"{scheme}://{_HOST}:{self._runner.addresses[0][1]}/openai/v1"

    async def stop(self) -> None:
        """Hang up on whoever still waits."""
        self._end.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def silent(self, _: web.Request) -> web.StreamResponse:
        """Answers never."""
        await self._end.wait()
        return web.Response(status=500)

    async def dribbling(self, request: web.Request) -> web.StreamResponse:
        """Sends a little now and then, so that no single read takes long."""
        response = web.StreamResponse()
        await response.prepare(request)
        while not self._end.is_set():
            await response.write(b" ")
            try:
                async with asyncio.timeout(0.02):
                    await self._end.wait()
            except TimeoutError:
                continue
        return response

    async def endless(self, request: web.Request) -> web.StreamResponse:
        """Sends more than anybody should read."""
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for _ in range(10_000):
                await response.write(b" " * 10_000)
        except ConnectionError:
            self.refused.append("hung up")
        return response

    async def gone(self, request: web.Request) -> web.StreamResponse:
        """Hangs up in the middle."""
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        self.raw.append(f"{request.method} {request.path_qs}\n{dict(request.headers)}\n{text}")
        wrong = self._wrong(request, text)
        if wrong:
            self.refused.append(wrong)
            return web.json_response({"error": {"message": wrong}}, status=401 if "key" in wrong else 400)
        self.bodies.append(json.loads(text))
        return await self.respond(request)

    def _wrong(self, request: web.Request, text: str) -> str:
        if (request.method, request.path_qs) != ("POST", "/openai/v1/chat/completions"):
            return f"no such thing: {request.method} {request.path_qs}"
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return "wrong key"
        if request.content_type != "application/json":
            return "no JSON"
        body = json.loads(text)
        if body.get("model") != self.model:
            return "no such model"
        shape = body.get("response_format", {})
        schema = shape.get("json_schema", {})
        asked = schema.get("schema", {})
        properties = asked.get("properties", {})
        if shape.get("type") != "json_schema" or schema.get("strict") is not True or not schema.get("name"):
            return "no schema"
        if asked.get("additionalProperties") is not False or asked.get("required") != list(properties):
            return "a strict schema lists every property as required and allows no other"
        return ""
