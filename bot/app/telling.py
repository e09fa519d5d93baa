"""What goes out beside chat, put together: who is told by what, and the loops that send it."""

from collections.abc import Iterator
from typing import Final

from bot.settings import Settings
from bot.worker import Bell, Loop
from handlers.accounts import Directory
from handlers.notices import Alarming, Posting, Sending, Telling, Undoing
from handlers.passes.unseen import Unseen
from handlers.ports import Channels, Clock
from handlers.store.bells import Queue
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.notices import OWNER, SECURITY, Channel

_SELDOM: Final = 5.0
"""Seconds. The bell tells of new ones; what is tried again or was left by another replica can wait as long."""


def loops_of(
    settings: Settings,
    database: Database,
    directory: Directory,
    cases: Cases,
    channels: Channels,
    clock: Clock,
    owner: str,
) -> Iterator[Loop]:
    """One for each channel, so that none waits for another."""
    users = directory.users
    telling = Telling(database, users, cases, channels, clock, settings.web.public_url)
    alarming = Alarming(database, cases, channels.security)
    undoing = Undoing(database, users, cases, Unseen(database, cases, directory.passes))
    ways = dict.fromkeys(OWNER, telling.send) | dict.fromkeys(SECURITY, alarming.send)
    if channels.tickets is not None:
        ways[Channel.TICKETS] = Posting(database, cases, channels.tickets).send
    for channel in sorted(cases.notices.channels | cases.alarms.channels):
        sending = Sending(channel, database, ways.get(channel, undoing.send), clock, owner)
        bell = Bell()
        database.bells.on_commit(Queue.NOTICES, bell.ring)
        yield Loop(f"notices-{channel}", sending.step, bell, every=_SELDOM)
