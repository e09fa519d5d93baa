"""What goes out beside chat, put together: who is told by what, and the loops that send it."""

from collections.abc import Iterator

from bot.settings import Settings
from bot.worker import Bell, Loop
from handlers.accounts import Directory
from handlers.notices import Alarming, Posting, Sending, Telling, Undoing
from handlers.passes.unseen import Unseen
from handlers.ports import Channels, Clock
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.notices import OWNER, SECURITY, Channel

_OFTEN = 1.0


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
        yield Loop(f"notices-{channel}", sending.step, Bell(), every=_OFTEN)
