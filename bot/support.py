"""The channels that support works in, as the settings have them."""

from collections.abc import Iterator

from bot.settings import Settings
from handlers.events import Place
from handlers.support import SupportChannel, SupportChannels


def support_channels_of(settings: Settings) -> SupportChannels:
    """Those of each platform that is on; the rules see to it that there is one."""
    first, *others = _channels(settings)
    return SupportChannels(first, tuple(others))


def names_on(settings: Settings) -> frozenset[str]:
    """The chats that the bot is in, by name."""
    on = {"slack": settings.slack.on, "teams": settings.teams.on}
    return frozenset(name for name, is_on in on.items() if is_on)


def _channels(settings: Settings) -> Iterator[SupportChannel]:
    slack, teams, language = settings.slack, settings.teams, settings.organisation.language
    if slack.on and slack.support_channel:
        yield SupportChannel(slack.workspace_ids[0], Place("slack", slack.support_channel), language)
    if teams.on and teams.support_channel:
        # There, the bot hears what names it and nothing else.
        yield SupportChannel(
            settings.teams_tenants[0], Place("teams", teams.support_channel), language, overheard=False
        )
