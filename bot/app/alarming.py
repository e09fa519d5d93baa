"""How security is woken, put together: what raises alarms, and the loops that send them."""

from collections.abc import Iterator

from bot.settings import Settings
from bot.worker import Bell, Loop
from handlers.notices import Sending
from handlers.ports import Channels, Clock
from handlers.store.alarms import Alarms
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.notices import SECURITY, Channel


def alarms_of(settings: Settings) -> Alarms:
    """What alarms go out by."""
    ways = {Channel.SECURITY_MAIL: settings.security.mail, Channel.SECURITY_HOOK: settings.security.webhook}
    return Alarms(frozenset(channel for channel, where in ways.items() if where))


def loops_of(
    database: Database, cases: Cases, channels: Channels, clock: Clock, owner: str
) -> Iterator[Loop]:
    """One for each channel, so that none waits for another."""
    for channel in sorted(cases.alarms.channels & SECURITY):
        sending = Sending(channel, database, cases, channels.security, clock, owner)
        yield Loop(f"notices-{channel}", sending.step, Bell(), every=1.0)
