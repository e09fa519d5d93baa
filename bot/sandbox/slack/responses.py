"""``response_url``: how an app answers an interaction later, five times within half an hour.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.sandbox.slack.args import Args
from bot.sandbox.slack.chat import checked_blocks
from bot.sandbox.slack.records import Call, Channel, Json, Message
from bot.sandbox.slack.workspace import Refusal, Workspace

_USES = 5
_LIFETIME = timedelta(minutes=30)


@dataclass
class _Permission:
    place: Channel
    ts: str | None
    user: str
    until: datetime
    left: int = _USES


class Responses:
    """Issues response URLs and does what comes in through them."""

    def __init__(self, workspace: Workspace, base_url: Callable[[], str]) -> None:
        self._workspace = workspace
        self._base_url = base_url
        self._permissions: dict[str, _Permission] = {}

    def new_url(self, place: Channel, user: str, message: Message | None = None) -> str:
        """A URL to answer this person, who pressed something in the message or used a command."""
        name = secrets.token_urlsafe(18)
        until = self._workspace.clock.now() + _LIFETIME
        self._permissions[name] = _Permission(place, message.ts if message else None, user, until)
        return f"{self._base_url()}/response/{name}"

    async def handle(self, request: web.Request) -> web.Response:
        """``/response/{name}``."""
        permission = self._permissions.get(request.match_info["name"])
        if permission is None or permission.left <= 0 or self._workspace.clock.now() > permission.until:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        permission.left -= 1
        raw = (await request.read()).decode("utf-8", errors="replace")
        answer = await request.json()
        error = self._do(permission, answer)
        call = Call("response_url", answer, error is None, error, 200, self._workspace.clock.now(), raw)
        self._workspace.calls.append(call)
        if error is not None:
            return web.json_response({"ok": False, "error": error}, status=400)
        return web.json_response({"ok": True})

    def answer(self, place: Channel, user: str, answer: Json) -> None:
        """What the app put into its acknowledgement of a command."""
        permission = _Permission(place, None, user, self._workspace.clock.now())
        if (error := self._do(permission, answer)) is not None:
            self._workspace.complain(f"the answer to a command was refused: {error}")

    def _do(self, permission: _Permission, answer: Json) -> str | None:
        message = self._workspace.find(permission.place.id, permission.ts) if permission.ts else None
        try:
            if message is not None and answer.get("delete_original"):
                self._workspace.delete(message)
                return None
            args = Args(answer)
            blocks = checked_blocks(args.blocks())
            text = args.text("text") or ""
            if not text and not blocks:
                raise Refusal("no_text")
            if message is not None and answer.get("replace_original"):
                self._workspace.change(message, text, blocks, None)
                return None
            hidden = answer.get("response_type", "ephemeral") == "ephemeral"
            bot = self._workspace.installation.bot_user_id
            to = permission.user if hidden else None
            self._workspace.post(permission.place, bot, text, blocks, ephemeral_to=to)
        except Refusal as refusal:
            return refusal.error
        return None
