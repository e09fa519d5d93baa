"""The Web API: who may call what, and what goes wrong on the way."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from bot.sandbox.slack import chat, directory, modals
from bot.sandbox.slack.args import Args
from bot.sandbox.slack.faults import Fate, Fault, Faults, Limiter
from bot.sandbox.slack.records import Call, Json
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.workspace import Refusal, Workspace

_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_OPEN = ("channels:manage", "groups:write", "im:write", "mpim:write")


@dataclass(frozen=True)
class Method:
    """One method: what runs, which of these scopes it wants, and its rate limit tier (0: special)."""

    run: Callable[[Args], Json]
    scopes: tuple[str, ...] = ()
    tier: int = 0
    takes_json: bool = True
    app_token: bool = False
    post_only: bool = False


@dataclass(frozen=True)
class Request:
    """One request, taken apart."""

    method: str
    args: Args
    token: str | None
    raw: str
    is_post: bool


class Api:
    """Answers ``/api/{method}`` and keeps a record of every call."""

    def __init__(
        self,
        workspace: Workspace,
        triggers: Triggers,
        faults: Faults,
        limiter: Limiter | None,
        new_socket_url: Callable[[], str],
    ) -> None:
        self._workspace = workspace
        self._faults = faults
        self._limiter = limiter
        self._new_socket_url = new_socket_url
        self._methods = self._table(workspace, triggers)

    def _table(self, workspace: Workspace, triggers: Triggers) -> dict[str, Method]:
        def bound(run: Callable[[Workspace, Args], Json]) -> Callable[[Args], Json]:
            return lambda args: run(workspace, args)

        return {
            "auth.test": Method(self._auth_test),
            "apps.connections.open": Method(self._open_connection, tier=3, app_token=True, post_only=True),
            "chat.postMessage": Method(bound(chat.post_message), ("chat:write",)),
            "chat.postEphemeral": Method(bound(chat.post_ephemeral), ("chat:write",), 4),
            "chat.update": Method(bound(chat.update), ("chat:write",), 3),
            "chat.delete": Method(bound(chat.delete), ("chat:write",), 3),
            "conversations.open": Method(bound(directory.conversations_open), _OPEN, 3),
            "conversations.info": Method(bound(directory.conversations_info), _READ, 3, takes_json=False),
            "conversations.members": Method(
                bound(directory.conversations_members), _READ, 4, takes_json=False
            ),
            "conversations.replies": Method(
                bound(directory.conversations_replies), _HISTORY, 3, takes_json=False
            ),
            "users.info": Method(bound(directory.users_info), ("users:read",), 4, takes_json=False),
            "users.list": Method(bound(directory.users_list), ("users:read",), 2, takes_json=False),
            "users.lookupByEmail": Method(
                bound(directory.lookup_by_email), ("users:read.email",), 3, takes_json=False
            ),
            "views.open": Method(lambda args: modals.open_view(workspace, triggers, args), tier=4),
            "views.push": Method(lambda args: modals.push_view(workspace, triggers, args), tier=4),
            "views.update": Method(bound(modals.update_view), tier=4),
            "views.publish": Method(bound(modals.publish_view), tier=4),
        }

    async def handle(self, request: web.Request) -> web.Response:
        """One HTTP request from the app."""
        name = request.match_info["method"]
        fault = self._faults.take(name)
        given = await _parsed(request, self._methods.get(name))
        if fault is not None and fault.fate is not None and fault.fate is not Fate.ANSWER_LOST:
            return self._go_wrong(request, given, fault)
        answer, status, headers = self._run(given)
        self._record(given, answer, status)
        if fault is not None:
            await _delay(fault)
            if fault.fate is Fate.ANSWER_LOST:
                _drop(request)
        return web.json_response(answer, status=status, headers=headers)

    def _go_wrong(self, request: web.Request, given: Request, fault: Fault) -> web.Response:
        """Answer without executing anything."""
        match fault.fate:
            case Fate.RATE_LIMITED:
                answer: Json = {"ok": False, "error": "ratelimited"}
                self._record(given, answer, 429)
                return web.json_response(answer, status=429, headers={"Retry-After": str(fault.retry_after)})
            case Fate.REFUSED:
                answer = {"ok": False, "error": fault.error}
                self._record(given, answer, 200)
                return web.json_response(answer)
            case Fate.DROPPED:
                self._record(given, {"ok": False, "error": "connection dropped"}, 0)
                _drop(request)
                return web.Response()
            case _:
                self._record(given, {"ok": False, "error": "service unavailable"}, fault.status)
                return web.Response(status=fault.status, text="service unavailable")

    def _run(self, given: Request) -> tuple[Json, int, dict[str, str]]:
        method = self._methods.get(given.method)
        headers = {"X-OAuth-Scopes": ",".join(sorted(self._workspace.scopes))}
        try:
            if method is None:
                raise Refusal("unknown_method", req_method=given.method)
            self._authorise(method, given)
            headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
            if wait := self._limit(given, method):
                return {"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)}
            return {"ok": True, **method.run(given.args)}, 200, headers
        except Refusal as refusal:
            return {"ok": False, "error": refusal.error, **refusal.details}, 200, headers

    def _authorise(self, method: Method, given: Request) -> None:
        app = self._workspace.installation
        if given.token is None:
            raise Refusal("not_authed")
        if given.token not in (app.bot_token, app.app_token):
            raise Refusal("invalid_auth")
        if (given.token == app.app_token) is not method.app_token:
            raise Refusal("not_allowed_token_type")
        if self._workspace.revoked and not method.app_token:
            raise Refusal("token_revoked")
        if method.post_only and not given.is_post:
            raise Refusal("insecure_request")
        if method.scopes and not self._workspace.scopes.intersection(method.scopes):
            raise directory.missing_scope(self._workspace, ",".join(method.scopes))

    def _limit(self, given: Request, method: Method) -> int:
        if self._limiter is None:
            return 0
        if given.method == "chat.postMessage":
            return self._limiter.wait_for_post(str(given.args.given.get("channel")))
        return self._limiter.wait_for(given.method, method.tier) if method.tier else 0

    def _record(self, given: Request, answer: Mapping[str, object], status: int) -> None:
        ok = answer["ok"] is True
        call = Call(
            method=given.method,
            args=dict(given.args.given),
            ok=ok,
            error=None if ok else str(answer["error"]),
            status=status,
            at=self._workspace.clock.now(),
            raw=given.raw,
        )
        self._workspace.calls.append(call)
        self._workspace.changes.happened()

    def _auth_test(self, _args: Args) -> Json:
        app = self._workspace.installation
        return {
            "url": f"https://{app.team_domain}.slack.com/",
            "team": app.team_domain,
            "user": app.bot_name,
            "team_id": app.team_id,
            "user_id": app.bot_user_id,
            "bot_id": app.bot_id,
            "is_enterprise_install": False,
            **({"enterprise_id": app.enterprise_id} if app.enterprise_id else {}),
        }

    def _open_connection(self, _args: Args) -> Json:
        return {"url": self._new_socket_url()}


async def _parsed(request: web.Request, method: Method | None) -> Request:
    """The arguments and the token, wherever Slack would look for them."""
    raw = (await request.read()).decode("utf-8", errors="replace")
    given: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        if method is None or method.takes_json:
            given |= _json_object(raw)
    elif request.content_type.startswith("multipart/"):
        given |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    else:
        given |= dict(parse_qsl(raw, keep_blank_values=True))
    in_arguments = given.pop("token", None)
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" and bearer else in_arguments
    return Request(
        method=request.match_info["method"],
        args=Args(given),
        token=token if isinstance(token, str) else None,
        raw=f"{request.query_string}\n{raw}",
        is_post=request.method == "POST",
    )


def _json_object(raw: str) -> dict[str, object]:
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


async def _delay(fault: Fault) -> None:
    if fault.gate is not None:
        await fault.gate.wait()
    if fault.seconds:
        await asyncio.sleep(fault.seconds)


def _drop(request: web.Request) -> None:
    """Cut the connection: the client sees it end without an answer."""
    if request.transport is not None:
        request.transport.abort()
