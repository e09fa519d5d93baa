"""How soon a card is up to date after a click, with many cases open."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from statistics import median
from typing import Final
from uuid import uuid4

from bot.sandbox.chats import Seen
from bot.sandbox.stage import Stage
from bot.sandbox.story import Story
from handlers.records import Case
from handlers.states import CaseState
from handlers.store.database import Database

OPEN: Final = 500
WITHIN: Final = 1.0
"""Seconds that a card may take."""
_CLICKS: Final = 20
_OWNER, _AGENT, _APPROVER = "Ole Ánte Sara", "Máret Utsi", "Ingrid Solbakken"


async def measure(playing: Stage) -> Sequence[float]:
    """Seconds from each click to the card that shows it; the bot is running."""
    await _open_cases(playing, OPEN)
    story = Story(playing, lambda *_: None)
    await story.claim(_OWNER, await story.open_case(_AGENT, _OWNER))
    await story.card()
    taken = []
    for number in range(_CLICKS):
        card = await story.card()
        began = time.perf_counter()
        await story.presses(_APPROVER, card, "approvals.hold")
        await story.card_shows(_differs_from(card), f"click {number} is shown")
        taken.append(time.perf_counter() - began)
    return taken


def told(taken: Sequence[float]) -> tuple[str, str]:
    """A row of the table."""
    name = f"from a click to the card, {OPEN} cases open"
    return name, f"{median(taken) * 1000:.0f} ms, at most {max(taken) * 1000:.0f} ms"


def _differs_from(before: Seen) -> Callable[[Seen], bool]:
    return lambda now: now.shown != before.shown


async def _open_cases(playing: Stage, count: int) -> None:
    """Cases of nobody, which wait to be approved: the bot looks through them at every sweep."""
    now, database = playing.clock.now(), Database.open(playing.storage_url)
    try:
        async with database.transaction() as session:
            session.add_all([_case(number, now) for number in range(count)])
    finally:
        await database.close()


def _case(number: int, now: datetime) -> Case:
    return Case(
        id=f"BENCH-{number:03d}",
        target=str(uuid4()),
        target_name=f"Somebody {number}",
        target_upn=f"somebody.{number}@fjordheim.example",
        state=CaseState.VERIFIED,
        state_at=now,
        opened_at=now,
    )
