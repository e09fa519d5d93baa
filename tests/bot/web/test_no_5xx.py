"""Whatever is sent to any route of the running application, it has an answer: never a 5xx, never an exception."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route

from bot.app import running
from bot.sandbox.configuring import EID
from bot.sandbox.stage import Stage, stage
from bot.settings import load
from bot.web.door import DOOR_COOKIE
from bot.web.eid import LOGIN_COOKIE
from bot.web.guard import COOKIE, LANGUAGE_COOKIE
from bot.web.signin import STAFF_COOKIE

COOKIES: Final = (COOKIE, LOGIN_COOKIE, DOOR_COOKIE, LANGUAGE_COOKIE, STAFF_COOKIE)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
NAMES: Final = (
    "who",
    "reason",
    "code",
    "record",
    "address",
    "lang",
    "state",
    "iss",
    "error",
    "sid",
    "checks",
    "case",
    "account",
)
KINDS: Final = (
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=x",
    "",
)

_text = st.text(max_size=40) | st.sampled_from(
    ("", "0", "%00", "nn", EID, "ABCD-EFGH", "a@b.example", "🙂" * 90)
)
_pairs = st.lists(st.tuples(st.sampled_from(NAMES) | _text, _text), max_size=5)
_headed = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)


@dataclass
class Running:
    """The bot, and what browsers have been given by it."""

    app: Starlette
    stage: Stage
    kept: dict[str, list[str]] = field(default_factory=dict)

    @property
    def routes(self) -> Sequence[Route]:
        return [route for route in self.app.routes if isinstance(route, Route)]


@dataclass(frozen=True)
class Sent:
    """A request, as far as it does not depend on the route."""

    method: str
    param: str
    query: Sequence[tuple[str, str]]
    form: Sequence[tuple[str, str]] | bytes
    kind: str
    cookies: Sequence[tuple[str, str | int]]
    origin: str
    headers: Sequence[tuple[str, str]]
    client: str


sent = st.builds(
    Sent,
    method=st.sampled_from(("GET", "POST", "POST")) | st.sampled_from(METHODS),
    param=_text,
    query=_pairs,
    form=_pairs | st.binary(max_size=200) | st.just(b"x" * 5000),
    kind=st.sampled_from((KINDS[0], KINDS[0], *KINDS)) | _headed,
    cookies=st.lists(st.tuples(st.sampled_from(COOKIES), st.integers(0, 3) | _headed), max_size=4),
    origin=st.sampled_from(("ours", "ours", "ours", "", "null", "https://evil.example")),
    headers=st.lists(
        st.tuples(
            st.sampled_from(("Accept-Language", "X-Forwarded-For", "Host", "Sec-Fetch-Site", "User-Agent")),
            _headed,
        ),
        max_size=3,
    ),
    client=st.ip_addresses().map(str),
)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Running]:
    async with (
        stage(tmp_path) as playing,
        running(load(playing.config, playing.environment()), playing.clock) as app,
    ):
        yield Running(app, playing)


def _cookies(bot: Running, asked: Sent) -> str:
    """A number is one that the bot has given out."""
    pairs = []
    for name, value in asked.cookies:
        kept = bot.kept.get(name, [])
        pairs.append(
            f"{name}={kept[value % len(kept)] if kept else ''}"
            if isinstance(value, int)
            else f"{name}={value}"
        )
    return "; ".join(pairs)


async def _ask(bot: Running, route: Route, asked: Sent) -> httpx.Response:
    path = route.path
    for name in route.param_convertors:
        path = path.replace(f"{{{name}}}", quote(asked.param, safe="") or "-")
    body = asked.form if isinstance(asked.form, bytes) else urlencode(asked.form, errors="replace").encode()
    headers = [(name.encode(), value.encode("latin-1")) for name, value in asked.headers]
    headers += [(b"Content-Type", asked.kind.encode("latin-1"))] if asked.kind else []
    if asked.origin:
        headers.append((b"Origin", (bot.stage.bot_url if asked.origin == "ours" else asked.origin).encode()))
    if cookies := _cookies(bot, asked):
        headers.append((b"Cookie", cookies.encode("latin-1")))
    query = urlencode(asked.query, errors="replace")
    transport = httpx.ASGITransport(bot.app, client=(asked.client, 4711))
    async with httpx.AsyncClient(transport=transport, base_url=bot.stage.bot_url, trust_env=False) as client:
        answer = await client.request(asked.method, f"{path}?{query}", content=body, headers=headers)
    for told in answer.headers.get_list("set-cookie"):
        name, _, rest = told.partition("=")
        value = rest.partition(";")[0].strip('"')
        if value:
            bot.kept.setdefault(name, []).append(value)
    return answer


async def _every_route(bot: Running, asked: Sent) -> None:
    for route in bot.routes:
        answer = await _ask(bot, route, asked)
        assert answer.status_code < 500, f"{asked.method} {route.path}: {answer.text}"


_PROFILE: Final = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@settings(_PROFILE, max_examples=12)
@given(asked=sent)
async def test_a_few_requests_to_every_route(bot: Running, asked: Sent) -> None:
    await _every_route(bot, asked)


@pytest.mark.slow
@settings(_PROFILE, max_examples=500)
@given(asked=sent)
async def test_many_requests_to_every_route(bot: Running, asked: Sent) -> None:
    await _every_route(bot, asked)


async def test_it_is_about_every_route_there_is(bot: Running) -> None:
    paths = {route.path for route in bot.routes}
    for path in (
        "/help",
        "/help/login",
        "/case",
        "/case/start/{token}",
        "/eid/{provider}/callback",
        "/healthz",
    ):
        assert path in paths
    assert len(bot.routes) == len(bot.app.routes)
