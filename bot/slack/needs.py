"""What our app must be allowed to do in Slack, and told of: as much as the settings ask for, and no more.

Scopes: https://docs.slack.dev/reference/scopes; events: https://docs.slack.dev/reference/events.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.slack.listening import Listening

_SCOPES = frozenset(
    {
        "app_mentions:read",
        "chat:write",
        "commands",
        "im:history",
        "im:write",
        "users:read",
        "users:read.email",
    }
)
_EVENTS = frozenset({"app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked"})
_CHANNEL_SCOPES = frozenset({"channels:history", "groups:history"})
_CHANNEL_EVENTS = frozenset({"message.channels", "message.groups"})


@dataclass(frozen=True)
class Needs:
    """Scopes of the bot token, and events of the bot."""

    scopes: frozenset[str]
    events: frozenset[str]

    def lacking(self, granted: Iterable[str]) -> list[str]:
        """The scopes that are not among the granted ones, in alphabetical order."""
        return sorted(self.scopes.difference(granted))


def needs(listening: Listening) -> Needs:
    """Reading along needs more than answering. A channel's id does not tell whether it is private: so both."""
    if not listening.anywhere:
        return Needs(_SCOPES, _EVENTS)
    return Needs(_SCOPES | _CHANNEL_SCOPES, _EVENTS | _CHANNEL_EVENTS)
