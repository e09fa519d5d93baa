"""What Slack sends, as typed events, or the reason why it is none of our business. Pure: no I/O, no clock.

Shapes: https://docs.slack.dev/apis/events-api and https://docs.slack.dev/reference/interaction-payloads.
Whatever a payload claims about a person beyond the ids is left out: features ask ``Chat.profile``.
"""

import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from bot.shapes import at, items, text
from bot.slack import forms
from bot.slack.blocks import action_name
from bot.slack.listening import Listening
from handlers.events import Asked, Event, Gone, Opened, Person, Place, Pressed, Submitted

PLATFORM = "slack"
LONGEST_TEXT = 3_000
"""Of a question. Nobody reads further, and a row stays small."""
SOMEBODY = "user:"
"""Begins a conversation that is known only by its person, until ``SlackChat`` opens it."""

Payload: TypeAlias = Mapping[str, object]

_PLAIN_SUBTYPES = frozenset({"", "file_share", "thread_broadcast"})
_MARKUP = re.compile(r"<([^<>]*)>")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_NOWHERE = Listening()


@dataclass(frozen=True)
class Ignored:
    """Nothing for a feature. It is acknowledged all the same, or Slack would send it again."""

    reason: str


def read(payload: Payload, workspaces: Collection[str], listening: Listening = _NOWHERE) -> Event | Ignored:
    """The event in a verified payload. People and channels of other workspaces are ignored."""
    if not _teams(payload) or not _teams(payload).issubset(workspaces):
        return Ignored("other-workspace")
    match text(payload, "type"):
        case "event_callback":
            return _happened(payload, listening)
        case "block_actions":
            return _pressed(payload)
        case "view_submission":
            return _submitted(payload)
        case "" if text(payload, "command"):
            return _commanded(payload)
        case _:
            return Ignored("kind")


def _teams(payload: Payload) -> set[str]:
    """Every workspace that a payload names: the one it was sent for, and the sender's own.

    An unset ``user_team`` says nothing; a foreign one comes with people of a shared channel.
    """
    named = (
        text(payload, "team_id"),
        text(payload, "team", "id"),
        text(payload, "user", "team_id"),
        text(payload, "event", "user_team"),
        text(payload, "event", "source_team"),
        text(payload, "event", "team"),
    )
    return {team for team in named if team}


def _tenant(payload: Payload) -> str:
    """The organisation of an Enterprise Grid, else the workspace: the half of a person's key that stays."""
    return (
        text(payload, "enterprise_id")
        or text(payload, "enterprise", "id")
        or text(payload, "team_id")
        or text(payload, "team", "id")
        or text(payload, "user", "team_id")
    )


def _person(payload: Payload, user: str) -> Person:
    return Person(PLATFORM, _tenant(payload), user)


def _key(kind: str, *parts: str) -> str:
    """The same for a redelivery, another for a second press. A trigger id is a capability: only its hash."""
    digest = sha256("\0".join(parts).encode()).hexdigest()
    return f"slack:{kind}:{digest[:40]}"


def _happened(payload: Payload, listening: Listening) -> Event | Ignored:
    key = f"slack:event:{text(payload, 'event_id')}"
    if key.endswith(":"):
        return Ignored("no-id")
    match text(payload, "event", "type"):
        case "message" | "app_mention":
            return _asked(payload, listening)
        case "app_home_opened" if text(payload, "event", "tab") == "home":
            return _opened(payload, key)
        case "app_uninstalled":
            return Gone(key, PLATFORM, _tenant(payload))
        case "tokens_revoked" if any(items(payload, "event", "tokens", "bot")):
            return Gone(key, PLATFORM, _tenant(payload))
        case _:
            return Ignored("kind")


def _asked(payload: Payload, listening: Listening) -> Asked | Ignored:
    """A plain message of a person: to us alone, with our name in it, or where we listen.

    Its id is that of the message, not of the event: one that names us comes as two events, in either order.
    """
    user, channel = text(payload, "event", "user"), text(payload, "event", "channel")
    said_at, thread = text(payload, "event", "ts"), text(payload, "event", "thread_ts")
    private = text(payload, "event", "channel_type") == "im"
    if not _ours_alone(payload, private=private):
        return Ignored("shared-channel")
    if at(payload, "event", "bot_id") or not user or not channel or user == "USLACKBOT":
        return Ignored("bot")
    if text(payload, "event", "subtype") not in _PLAIN_SUBTYPES or at(payload, "event", "edited"):
        return Ignored("not-plain")
    if not said_at:
        return Ignored("no-id")
    mention = text(payload, "event", "type") == "app_mention"
    if not private and not mention and (reason := _not_for_us(payload, listening)):
        return Ignored(reason)
    return Asked(
        id=f"slack:message:{channel}:{said_at}",
        person=_person(payload, user),
        place=Place(PLATFORM, channel, thread or (None if private else said_at), private),
        text=plain(text(payload, "event", "text")),
        addressed=private or mention,
    )


def _ours_alone(payload: Payload, *, private: bool) -> bool:
    """Whether no other organisation reads along. What Slack does not say of a channel counts as shared."""
    shared = at(payload, "is_ext_shared_channel")
    return shared is not True if private else shared is False


def _not_for_us(payload: Payload, listening: Listening) -> str | None:
    """Why a message in a channel that is not said to us is left alone, if it is."""
    channel, thread = text(payload, "event", "channel"), text(payload, "event", "thread_ts")
    in_thread = bool(thread) and thread != text(payload, "event", "ts")
    if channel not in listening.channels and not (in_thread and channel in listening.threads):
        return "not-to-us"
    return "named" if _names_us(payload) else None


def _names_us(payload: Payload) -> bool:
    """A message that mentions the bot comes as ``app_mention`` too, and counts as that."""
    us = {text(each, "user_id") for each in items(payload, "authorizations") if at(each, "is_bot") is True}
    return not us.isdisjoint(_MENTION.findall(text(payload, "event", "text")))


def _opened(payload: Payload, key: str) -> Opened | Ignored:
    """Somebody looks at the Home tab."""
    user = text(payload, "event", "user")
    return Opened(key, _person(payload, user)) if user else Ignored("no-id")


def _commanded(payload: Payload) -> Asked | Ignored:
    """``/2fa …``: answered in private, wherever it was typed."""
    user, trigger = text(payload, "user_id"), text(payload, "trigger_id")
    if not user or not trigger:
        return Ignored("no-id")
    place = Place(PLATFORM, SOMEBODY + user, private=True)
    return Asked(_key("command", trigger), _person(payload, user), place, plain(text(payload, "text")))


def _pressed(payload: Payload) -> Pressed | Ignored:
    """One press of one button."""
    user, trigger = text(payload, "user", "id"), text(payload, "trigger_id")
    pressed = next((action for action in items(payload, "actions") if text(action, "type") == "button"), None)
    if not user or pressed is None:
        return Ignored("not-a-button")
    message = text(payload, "container", "message_ts") or text(payload, "message", "ts")
    name, record, when = text(pressed, "action_id"), text(pressed, "value"), text(pressed, "action_ts")
    return Pressed(
        id=_key("action", trigger, when, user, message, name, record),
        person=_person(payload, user),
        place=_stands_in(payload, user, message),
        action=action_name(name),
        record=record,
        opener=f"trigger:{trigger}" if trigger else None,
        message=message if message and at(payload, "container", "is_ephemeral") is not True else None,
    )


def _stands_in(payload: Payload, user: str, message: str) -> Place:
    """Where the pressed message stands; a press in a form counts as said in private."""
    channel = text(payload, "channel", "id") or text(payload, "container", "channel_id")
    if not channel:
        return Place(PLATFORM, SOMEBODY + user, private=True)
    thread = text(payload, "message", "thread_ts") or text(payload, "container", "thread_ts")
    private = text(payload, "channel", "name") == "directmessage" or channel.startswith("D")
    return Place(PLATFORM, channel, thread if thread and thread != message else None, private)


def _submitted(payload: Payload) -> Submitted | Ignored:
    """A form sent in. Its hash changes with every update, so a corrected form is a new event."""
    user, view = text(payload, "user", "id"), text(payload, "view", "id")
    if not user or not view:
        return Ignored("no-id")
    return Submitted(
        id=_key("view", view, text(payload, "view", "hash")),
        person=_person(payload, user),
        form=text(payload, "view", "callback_id"),
        record=text(payload, "view", "private_metadata"),
        opener=f"view:{view}",
        values=forms.values(at(payload, "view")),
    )


def plain(written: str) -> str:
    """What somebody wrote, without Slack's markup: mentions go, links and channels keep their words.

    https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
    """
    return html.unescape(_MARKUP.sub(_spoken, written[: 4 * LONGEST_TEXT])).strip()[:LONGEST_TEXT]


def _spoken(markup: re.Match[str]) -> str:
    target, _, label = markup[1].partition("|")
    if target.startswith("@"):
        return " "
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:]}"
    return label or target.removeprefix("mailto:")
