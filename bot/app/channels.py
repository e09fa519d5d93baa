"""By what people are told beside chat, as the settings have it."""

from collections.abc import Iterator

from bot.settings import Settings
from handlers.store.alarms import Alarms
from handlers.store.notices import Channel, Fan


def alarms_of(settings: Settings) -> Alarms:
    """What alarms go out by."""
    ways = {Channel.SECURITY_MAIL: settings.security.mail, Channel.SECURITY_HOOK: settings.security.webhook}
    return Alarms(frozenset(channel for channel, where in ways.items() if where))


def fan_of(settings: Settings) -> Fan:
    """What the owner of an account is told by, and what is undone when a case was not theirs; and the ticket system."""
    return Fan(frozenset(_ways(settings)))


def _ways(settings: Settings) -> Iterator[Channel]:
    on_file = settings.verification.contact_source != "none"
    if settings.mail.sender:
        yield Channel.WORK_MAIL
    if settings.mail.sender and on_file:
        yield Channel.PRIVATE_MAIL
    if settings.sms.url and on_file:
        yield Channel.PHONE
    if settings.passes.revoke_sessions:
        yield Channel.SESSIONS
    if settings.support.webhook:
        yield Channel.TICKETS
    yield Channel.PASSES
