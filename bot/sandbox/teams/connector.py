"""The connector's REST API, below the service URL.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from bot.sandbox.teams import refusals
from bot.sandbox.teams.conversations import Answer, Conversations, Request, members_named
from bot.sandbox.teams.faults import Fate, Fault, Faults, Limiter
from bot.sandbox.teams.records import Call
from bot.sandbox.teams.refusals import Refusal
from bot.sandbox.teams.tenant import Tenant

SERVICE: Final = "/teams"
"""Where the service URL ends."""


class Connector:
    """Answers the bot and keeps a record of every call. ``trusts`` says whether a bearer token is the bot's own."""

    def __init__(
        self, tenant: Tenant, trusts: Callable[[str], bool], faults: Faults, limiter: Limiter | None
    ) -> None:
        self._tenant = tenant
        self._trusts = trusts
        self._faults = faults
        self._limiter = limiter
        self.conversations = Conversations(tenant)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Every address that is served."""
        root = f"{SERVICE}/v3/conversations"
        one = f"{root}/{{conversation}}"
        activity = f"{one}/activities/{{activity}}"
        for method, path, operation in (
            ("POST", root, "create"),
            ("POST", f"{one}/activities", "send"),
            ("POST", activity, "reply"),
            ("PUT", activity, "update"),
            ("DELETE", activity, "delete"),
            ("GET", f"{one}/members", "members"),
            ("GET", f"{one}/members/{{activity}}", "member"),
            ("GET", f"{one}/pagedMembers", "paged"),
        ):
            router.add_route(method, path, self._handler(operation))

    def _handler(self, operation: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            return await self._handle(operation, request)

        return handle

    async def _handle(self, operation: str, request: web.Request) -> web.Response:
        kind = "members" if operation in ("member", "paged") else operation
        fault = self._faults.take(kind)
        given = await _parsed(operation, request)
        if fault is not None and fault.fate is Fate.DROPPED:
            self._record(given, 0, "connection dropped")
            _drop(request)
            return web.Response()
        if fault is not None and fault.fate is Fate.REFUSED:
            told = Refusal(fault.status, fault.code, fault.message, fault.retry_after)
            return self._refused(given, told)
        try:
            answer = self._run(given)
        except Refusal as refusal:
            return self._refused(given, refusal)
        self._record(given, answer.status, None)
        if fault is not None:
            await _delay(fault)
            if fault.fate is Fate.ANSWER_LOST:
                _drop(request)
        if answer.body is None:
            return web.Response(status=answer.status, headers=_headers())
        return web.json_response(answer.body, status=answer.status, headers=_headers())

    def _refused(self, given: Request, refusal: Refusal) -> web.Response:
        self._record(given, refusal.status, refusal.code)
        headers = _headers()
        if refusal.retry_after is not None:
            headers["Retry-After"] = str(refusal.retry_after)
        if refusal.status == web.HTTPServiceUnavailable.status_code:
            return web.Response(status=refusal.status, text="Service is unavailable.", headers=headers)
        return web.json_response(refusal.body, status=refusal.status, headers=headers)

    def _record(self, given: Request, status: int, error: str | None) -> None:
        body = given.body if isinstance(given.body, dict) else {}
        now = self._tenant.clock.now()
        self._tenant.calls.append(
            Call(given.operation, given.path, body, status, error, now, f"{given.path}\n{given.raw}")
        )
        self._tenant.changes.happened()

    def _run(self, given: Request) -> Answer:
        if not self._trusts(given.bearer):
            raise refusals.unauthorised()
        self._limit(given)
        return self.conversations.operations[given.operation](given)

    def _limit(self, given: Request) -> None:
        if self._limiter is None:
            return
        where = given.conversation.partition(";")[0] or json.dumps(members_named(given.body))
        reads = given.operation in ("members", "member", "paged")
        wait = (self._limiter.wait_to_read if reads else self._limiter.wait_to_send)(where)
        if wait:
            raise refusals.throttled(wait if self._limiter.says_how_long else None)


async def _parsed(operation: str, request: web.Request) -> Request:
    raw = (await request.read()).decode("utf-8", errors="replace")
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    body: object = None
    if request.content_type == "application/json" and raw:
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
    return Request(
        operation=operation,
        path=request.path,
        conversation=request.match_info.get("conversation", ""),
        activity_id=request.match_info.get("activity", ""),
        query=dict(request.query),
        body=body,
        raw=raw,
        bearer=bearer if scheme.lower() == "bearer" else "",
    )


def _headers() -> dict[str, str]:
    return {"Server": "Microsoft-HTTPAPI/2.0", "MS-CV": f"{secrets.token_urlsafe(16)}.0"}


async def _delay(fault: Fault) -> None:
    if fault.gate is not None:
        await fault.gate.wait()
    if fault.seconds:
        await asyncio.sleep(fault.seconds)


def _drop(request: web.Request) -> None:
    """Cut the connection: the client sees it end without an answer."""
    if request.transport is not None:
        request.transport.abort()
