"""What a client makes of what the bot sent: what can be followed, who is alarmed, what a notification says."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.sandbox.chats import SLACK, Seen
from bot.sandbox.slack.records import Message as SlackMessage
from bot.sandbox.stage import Stage
from bot.sandbox.teams import Message as TeamsMessage
from bot.sandbox.teams.records import texts

_LINK: Final = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)")
_BARE: Final = re.compile(r"\b(?:https?://|www\.)[^\s)]+", re.IGNORECASE)
_AT: Final = re.compile(r"<at\b", re.IGNORECASE)
_MACRO: Final = re.compile(r"\{\{|\$\{")


@dataclass(frozen=True)
class Shown:
    """One message of the bot's."""

    text: str
    links: tuple[str, ...]
    """Whatever opens when it is clicked on, in buttons and in the text."""
    alarmed: frozenset[str]
    """Who is mentioned."""
    notification: str
    """What stands on a locked screen."""
    macros: tuple[str, ...] = ()
    """What a client would put something else in the place of."""


def shown(playing: Stage, platform: str, seen: Seen) -> Shown:
    """A message as its platform's clients treat it."""
    if platform == SLACK:
        written = playing.slack.messages(seen.place)
        return _of_slack(next(each for each in written if each.ts == seen.id))
    there = playing.teams.messages(seen.place)
    return _of_teams(next(each for each in there if each.id == seen.id))


def _of_slack(message: SlackMessage) -> Shown:
    return Shown(message.shown, tuple(message.links), message.notified, message.text)


def _of_teams(message: TeamsMessage) -> Shown:
    """Clients read Markdown wherever there is text, and make links of bare addresses; some know macros."""
    said = [*texts(message.card or {}), message.text]
    mentioned = [
        str(each["mentioned"]["id"])
        for each in message.activity.get("entities", ())
        if each.get("type") == "mention"
    ]
    tags = [found for text in said for found in _AT.findall(text)]
    return Shown(
        message.shown,
        (*message.links, *(link for text in said for link in _links_in(text))),
        frozenset([*mentioned, *tags]),
        message.summary or "",
        tuple(_MACRO.findall(json.dumps(message.card, ensure_ascii=False))),
    )


def _links_in(text: str) -> Iterator[str]:
    yield from _LINK.findall(text)
    yield from _BARE.findall(_LINK.sub("", text))
