"""The HTTP surface of the emulated Graph: who may come in, what is found, how it is answered."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from urllib.parse import unquote
from uuid import uuid4

from aiohttp import web
from multidict import CIMultiDict

from bot.sandbox.entra.batching import Part, answered, parts_of
from bot.sandbox.entra.faults import Faults
from bot.sandbox.entra.journal import Journal, Recorded
from bot.sandbox.entra.login import Login
from bot.sandbox.entra.refusals import Refusal, Style, error_body, no_privileges
from bot.sandbox.entra.reports import Limiter
from bot.sandbox.entra.requests import Answer, Incoming, Route
from handlers.ports import Clock

ROOT = "/v1.0"


@dataclass
class _Exchange:
    """One request on its way."""

    method: str
    path: str
    query: str
    client: str
    style: Style = Style.DIRECTORY
    executed: bool = False
    body: object = None
    batch: str | None = None
    """Of a part of a batch, the ``client-request-id`` of the batch."""

    @property
    def subject(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Asked:
    """What a request brings along."""

    raw_path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    def of_part(self, part: Part) -> Mapping[str, str]:
        """The headers of a part of this batch: its own, and our token."""
        told = CIMultiDict(part.headers)
        told["Authorization"] = self.headers.get("Authorization", "")
        return told

    def json(self) -> object:
        """The body, if there is one."""
        if not self.body:
            return None
        if self.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "UnsupportedMediaType", "The content type has to be application/json.")
        try:
            found: object = json.loads(self.body)
        except ValueError:
            raise Refusal(400, "BadRequest", "Unable to read JSON request payload.") from None
        return found


class _Lost(Exception):
    """The answer is not to arrive."""


class Surface:
    """Takes every request, and writes each into the journal."""

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        login: Login,
        faults: Faults,
        journal: Journal,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._routes = list(routes)
        self._login = login
        self._faults = faults
        self._journal = journal
        self._limiter = limiter
        self._clock = clock
        self.url = ""
        self.limits_methods = False
        """Whether the limit of the reports holds for the methods of accounts too, which Microsoft leaves open."""

    def application(self) -> web.Application:
        """The web application to serve."""
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        raw_path, _, query = request.raw_path.partition("?")
        exchange = _Exchange(
            request.method, raw_path.removeprefix(ROOT), query, request.headers.get("client-request-id", "")
        )
        if self._faults.down:
            return self._broken(request, exchange)
        asked = Asked(
            request.raw_path,
            request.headers,
            {name: str(value) for name, value in request.query.items()},
            await request.read(),
        )
        try:
            answer = await self._settle(asked, exchange)
        except _Lost:
            return self._broken(request, exchange)
        if self._faults.take_turn():
            return self._broken(request, exchange)
        self._record(exchange, answer.status)
        return self._written(answer, exchange)

    async def _settle(self, asked: Asked, exchange: _Exchange) -> Answer:
        """The answer to a request, or to a part of a batch, whatever it is."""
        await self._faults.wait(exchange.subject)
        try:
            answer = await self._answer(asked, exchange)
        except Refusal as refusal:
            answer = self._refused(refusal, exchange)
        if self._faults.take_loss(exchange.subject):
            raise _Lost
        return answer

    async def _answer(self, asked: Asked, exchange: _Exchange) -> Answer:
        planned = self._faults.take_status(exchange.subject)
        if planned is not None:
            headers = {} if planned.retry_after is None else {"Retry-After": planned.retry_after}
            raise Refusal(planned.status, planned.code, planned.message, headers=headers)
        roles = self._roles(asked)
        if exchange.subject == "POST /$batch" and exchange.batch is None:
            return await self._batch(asked, exchange)
        route, values = self._route(asked, exchange)
        exchange.style = route.style
        if not all(needed & roles for needed in route.permissions):
            raise no_privileges(route.style)
        if route.limited or (self.limits_methods and "/authentication/" in route.template):
            self._limiter.admit()
        incoming = self._incoming(asked, exchange, values, roles)
        if exchange.method == "POST" and route.template.endswith("temporaryAccessPassMethods"):
            exchange.body = incoming.body
        answer = route.rule(incoming)
        exchange.executed = True
        self._journal.changed()
        return answer

    async def _batch(self, asked: Asked, exchange: _Exchange) -> Answer:
        """Every part is a request by itself. When the answer to one of them is lost, the whole answer is."""
        parts, lost = parts_of(asked.json()), False

        async def of_part(part: Part) -> Answer:
            nonlocal lost
            inner = _Exchange(part.method, part.path, part.query, exchange.client, batch=exchange.client)
            inner_asked = Asked(f"{ROOT}{part.url}", asked.of_part(part), part.options, part.body)
            try:
                answer = await self._settle(inner_asked, inner)
            except _Lost:
                lost = True
                self._record(inner, None)
                return Answer(500)
            self._record(inner, answer.status)
            return answer

        answer = await answered(parts, of_part)
        exchange.executed = True
        if lost:
            raise _Lost
        return answer

    def _roles(self, asked: Asked) -> set[str]:
        scheme, _, bearer = asked.headers.get("Authorization", "").partition(" ")
        roles = self._login.roles_in(bearer) if scheme == "Bearer" else None
        if roles is None:
            raise Refusal(401, "InvalidAuthenticationToken", "Access token is empty, expired or not valid.")
        return roles - self._faults.missing

    def _route(self, asked: Asked, exchange: _Exchange) -> tuple[Route, Mapping[str, str]]:
        if not asked.raw_path.startswith(f"{ROOT}/"):
            raise Refusal(400, "BadRequest", "Invalid version.")
        segments = _segments(exchange.path)
        for route in self._routes:
            values = route.match(exchange.method, segments)
            if values is not None:
                return route, values
        raise Refusal(400, "BadRequest", f"Resource not found for the segment '{segments[-1]}'.")

    def _incoming(
        self, asked: Asked, exchange: _Exchange, values: Mapping[str, str], roles: set[str]
    ) -> Incoming:
        eventual = asked.headers.get("ConsistencyLevel", "").lower() == "eventual"
        return Incoming(
            path=exchange.path,
            values=values,
            query=asked.query,
            advanced=eventual and asked.query.get("$count") == "true",
            body=asked.json(),
            root=self.url,
            roles=frozenset(roles),
        )

    def _refused(self, refusal: Refusal, exchange: _Exchange) -> Answer:
        body = error_body(
            refusal,
            exchange.style,
            now=self._clock.now(),
            request_id=str(uuid4()),
            client_id=exchange.client,
        )
        return Answer(refusal.status, body, refusal.headers)

    def _broken(self, request: web.Request, exchange: _Exchange) -> web.Response:
        self._record(exchange, None)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _record(self, exchange: _Exchange, status: int | None) -> None:
        self._journal.add(
            Recorded(
                method=exchange.method,
                path=exchange.path,
                query=exchange.query,
                client=exchange.client,
                status=status,
                executed=exchange.executed,
                body=exchange.body,
                batch=exchange.batch,
            )
        )

    def _written(self, answer: Answer, exchange: _Exchange) -> web.Response:
        headers = {
            "request-id": str(uuid4()),
            "client-request-id": exchange.client,
            "Date": format_datetime(self._clock.now() + self._faults.ahead, usegmt=True),
            "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"Fjordheim","Ring":"0"}}',
            **answer.headers,
        }
        if answer.picture is not None:
            return web.Response(
                status=answer.status, headers=headers, body=answer.picture, content_type="image/png"
            )
        if answer.body is None:
            return web.Response(status=answer.status, headers=headers)
        return web.json_response(dict(answer.body), status=answer.status, headers=headers)


def _segments(path: str) -> list[str]:
    found = []
    for part in path.strip("/").split("/"):
        name, bracket, key = unquote(part).partition("('")
        if bracket and key.endswith("')"):
            found += [name, key.removesuffix("')").replace("''", "'")]
            continue
        if name.startswith("$") and found == ["users"]:
            raise Refusal(400, "BadRequest", "A key that begins with $ has to be quoted.")
        found.append(unquote(part))
    return found
