"""The real bot on its stage, in the hands of a test that breaks things."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final, TypeVar

import httpx

from bot.sandbox.browser import Browser
from bot.sandbox.slack.people import Said
from bot.sandbox.slack.records import Delivery, Kind, Message
from bot.sandbox.stage import Stage, stage
from bot.sandbox.story import Story, Tell
from bot.settings import SlackMode

T = TypeVar("T")

PATIENCE: Final = 30.0
"""Seconds for what should take less than one: the machine may be busy."""
AGENT: Final = "Máret Utsi"
APPROVER: Final = "Ingrid Solbakken"
OWNER: Final = "Ole Ánte Sara"
QUESTION: Final = "What is a temporary access pass?"
ANSWER: Final = "Use a temporary access pass"


def silent(who: str, what: str) -> None:
    """Tells nobody."""


@asynccontextmanager
async def played(
    folder: Path, *, mode: SlackMode = SlackMode.HTTP, storage_url: str | None = None, tell: Tell = silent
) -> AsyncIterator[Story]:
    """The bot is up and ready."""
    async with stage(folder, mode=mode, storage_url=storage_url) as playing:
        await playing.start_bot(within=PATIENCE)
        yield Story(playing, tell)


def slack_id(story: Story, name: str) -> str:
    """Somebody's Slack user id."""
    found = story.person(name).slack_id
    assert found is not None
    return found


async def ask(story: Story, name: str, question: str = QUESTION) -> Said:
    """Write to the bot in private."""
    return await story.stage.slack.say(slack_id(story, name), question)


def answers(story: Story, name: str) -> tuple[Message, ...]:
    """What the bot wrote to somebody in private."""
    return story.stage.slack.from_bot(slack_id(story, name))


async def answered(story: Story, name: str, count: int = 1) -> tuple[Message, ...]:
    """Wait until somebody has had so many messages, and no more of them."""
    found = await until(story, lambda: found if len(found := answers(story, name)) >= count else None)
    await settled(story)
    assert len(answers(story, name)) == count
    return found


async def until(story: Story, condition: Callable[[], T | None], seconds: float = PATIENCE) -> T:
    """Wait until something is so in Slack."""
    return await story.stage.slack.wait_for(condition, seconds)


async def settled(story: Story) -> None:
    """Wait until the bot has nothing left to do that is due: both queues are looked into."""
    clock = story.stage.clock
    due = (
        "SELECT (SELECT count(*) FROM inbox WHERE state IN ('waiting', 'working'))"
        " + (SELECT count(*) FROM outbox WHERE state = 'sending' OR (state = 'pending' AND due_at <= ?))"
    )
    async with asyncio.timeout(PATIENCE):
        while rows(story.stage, due, f"{clock.now():%Y-%m-%d %H:%M:%S.%f}") != [(0,)]:
            await story.stage.slack.next_change(0.05)


async def opened(story: Story) -> tuple[str, Browser]:
    """A case that was verified at the desk, and the browser that holds its claim code."""
    code = await story.open_case(AGENT, OWNER)
    return code, await story.claim(OWNER, code)


async def approved(story: Story) -> tuple[str, Browser]:
    """A case that waits for its *Show* press."""
    code, browser = await opened(story)
    await story.approve(APPROVER)
    return code, browser


async def restarted(story: Story) -> None:
    """A power cut, and the bot comes back."""
    await story.stage.kill_bot()
    await story.stage.start_bot(within=PATIENCE)


def rows(playing: Stage, query: str, *values: object) -> list[tuple[object, ...]]:
    """Look into the bot's database, as its owner could."""
    with closing(sqlite3.connect(f"file:{playing.folder / 'tofaktor.db'}?mode=ro", uri=True)) as database:
        return database.execute(query, values).fetchall()


def state(story: Story) -> str:
    """The state of the newest case."""
    return str(rows(story.stage, 'SELECT state FROM "case" ORDER BY opened_at DESC LIMIT 1')[0][0])


async def in_state(story: Story, *wanted: str) -> None:
    """Wait until the case is in one of these states. Nobody announces it but the card, so look at both."""
    async with asyncio.timeout(PATIENCE):
        while state(story) not in wanted:
            await story.stage.slack.next_change(0.1)


async def ready(playing: Stage) -> httpx.Response:
    """What ``/readyz`` says."""
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
        return await client.get(f"{playing.bot_url}/readyz")


async def unready(playing: Stage) -> str:
    """Wait until ``/readyz`` says no, and why."""
    async with asyncio.timeout(60):
        while (answer := await ready(playing)).status_code == httpx.codes.OK:
            await playing.slack.next_change(0.1)
    return answer.text


def events(story: Story) -> list[Delivery]:
    """Every first delivery of an event so far."""
    return [
        each for each in story.stage.slack.deliveries if each.kind is Kind.EVENT and not each.retry_number
    ]
