"""In which channels we read what is not said to us."""

from dataclasses import dataclass

from bot.settings.sections import Settings


@dataclass(frozen=True)
class Listening:
    """Nowhere, unless the settings say so."""

    channels: frozenset[str] = frozenset()
    """All that is written there may be a question."""
    threads: frozenset[str] = frozenset()
    """Of these only what is written in threads: that may be for the person on the other side of one."""

    @property
    def anywhere(self) -> bool:
        """Whether there is any such channel."""
        return bool(self.channels or self.threads)


def listening_of(settings: Settings) -> Listening:
    """As the settings say: the help channels, and support's threads when the relay is on."""
    slack = settings.slack
    threads = {slack.support_channel} if settings.support.relay and slack.support_channel else set()
    return Listening(frozenset(slack.help_channels), frozenset(threads))
