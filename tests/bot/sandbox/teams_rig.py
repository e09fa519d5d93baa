"""A tenant with every sort of person in Teams, a bot that does what a test tells it, and its way to the connector."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from bot.sandbox.entra import EntraEmulator
from bot.sandbox.entra.login import Login
from bot.sandbox.teams import Json, TeamsEmulator, TeamsUser
from bot.sandbox.world import FJORDHEIM, guid

CARD = "application/vnd.microsoft.card.adaptive"
ANNA, OLA, KARI, GUEST, STRANGER, NEW = (
    guid("teams", each) for each in ("anna", "ola", "kari", "guest", "stranger", "new")
)
ELSEWHERE = guid("tenant", "elsewhere")

USERS = (
    TeamsUser(ANNA, "Anna Berg", "anna@fjordheim.example", locale="nb-NO"),
    TeamsUser(OLA, "Ola Nordmann", "ola@fjordheim.example", locale="nn-NO"),
    TeamsUser(KARI, "Kari Support", "kari@fjordheim.example"),
    TeamsUser(GUEST, "Gjest", "guest_partner.example#EXT#@fjordheim.example", guest=True),
    TeamsUser(STRANGER, "Stranger", "s@else.example", tenant_id=ELSEWHERE),
    TeamsUser(NEW, "Without App", "new@fjordheim.example"),
)


def card(*actions: Json, body: Any = (), version: str = "1.5", **more: Any) -> Json:
    """An Adaptive Card with these actions under one line of text."""
    lines = [{"type": "TextBlock", "text": "A case", "wrap": True}, *body]
    return {"type": "AdaptiveCard", "version": version, "body": lines, "actions": list(actions), **more}


def execute(verb: str, title: str = "", **data: object) -> Json:
    """A button that asks the bot."""
    return {"type": "Action.Execute", "title": title or verb.title(), "verb": verb, "data": data}


def opening(action: str, title: str = "Reply") -> Json:
    """A button that opens a dialog."""
    data = {"msteams": {"type": "task/fetch"}, "tofaktor": {"action": action, "record": "r1"}}
    return {"type": "Action.Submit", "title": title, "data": data}


def with_card(content: object, **more: object) -> Json:
    """A message that is this card."""
    return {"type": "message", "attachments": [{"contentType": CARD, "content": content}], **more}


def dialog(content: Json, title: str = "Reply to Anna") -> Json:
    """The answer that opens or continues a dialog."""
    value = {
        "title": title,
        "height": "small",
        "width": "medium",
        "card": {"contentType": CARD, "content": content},
    }
    return {"task": {"type": "continue", "value": value}}


@dataclass
class Still:
    """A clock that stands until a test moves it."""

    at: datetime = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class Bot:
    """Hears everything, and answers what it is told to: a body, or nothing."""

    url: str
    heard: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[Json], Any] = lambda _: None
    status: int = 200


@asynccontextmanager
async def listening() -> AsyncIterator[Bot]:
    """A bot on a port of its own."""
    bot = Bot("")

    async def messages(request: web.Request) -> web.Response:
        bot.heard.append(await request.json())
        bot.headers.append(dict(request.headers))
        answer = bot.answer(bot.heard[-1])
        if hasattr(answer, "__await__"):
            answer = await answer
        return (
            web.Response(status=bot.status)
            if answer is None
            else web.json_response(answer, status=bot.status)
        )

    app = web.Application()
    app.router.add_post("/teams/messages", messages)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/teams/messages"
    try:
        yield bot
    finally:
        await runner.cleanup()


@dataclass
class Connector:
    """The connector as the bot calls it, with its own token unless another is given."""

    teams: TeamsEmulator
    login: Login
    client: httpx.AsyncClient

    async def ask(
        self, method: str, path: str, body: object = None, *, token: str | None = None
    ) -> httpx.Response:
        """One request below the service URL."""
        bearer = self.login.mint_for_bot() if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        url = f"{self.teams.service_url}/v3/conversations{path}"
        return await self.client.request(method, url, json=body, headers=headers)

    async def send(self, conversation: str, activity: Json) -> httpx.Response:
        """Say something."""
        return await self.ask("POST", f"/{conversation}/activities", activity)

    async def sent(self, conversation: str, activity: Json) -> str:
        """Say something; the message's id."""
        answer = await self.send(conversation, activity)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def chat(self, user_id: str) -> str:
        """The id of the conversation with this person."""
        found = self.teams.chat(user_id)
        assert found is not None
        return found.id


@asynccontextmanager
async def teams_running(folder: Path, **options: Any) -> AsyncIterator[Connector]:
    """The emulator, and the connector as its bot sees it."""
    clock = options.pop("clock", None) or Still()
    login = EntraEmulator(FJORDHEIM, clock, folder).login
    usual: dict[str, Any] = {"installed": [ANNA, OLA, GUEST], "support": [KARI]}
    teams = TeamsEmulator(
        USERS,
        clock,
        tenant_id=FJORDHEIM.tenant_id,
        app_id=FJORDHEIM.bot_id,
        trusts=login.trusts_bot,
        **(usual | options),
    )
    await teams.start()
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            yield Connector(teams, login, client)
    finally:
        await teams.stop()


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and error code of a refusal."""
    return answer.status_code, str(answer.json()["error"]["code"])
