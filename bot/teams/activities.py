"""What Teams sends, as typed events, or the reason why it is none of our business. Pure: no I/O, no clock.

Shapes: https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability and
…/task-modules-and-cards. Whatever an activity claims about a person beyond the ids is left out: features ask
``Chat.profile``.
"""

import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, TypeAlias

from bot.shapes import at, items, text
from bot.teams.answers import OPENER
from handlers.events import Asked, Event, Installed, Person, Place, Pressed, Removed, Submitted

PLATFORM: Final = "teams"
OURS: Final = "tofaktor"
"""The key below which buttons and forms carry what is ours."""
LONGEST_TEXT: Final = 3_000
"""Of a question. Nobody reads further, and a row stays small."""
_LONGEST_VALUE: Final = 4_000
_MARKUP: Final = re.compile(r"<at[^<>]*>.*?</at>|<[^<>]{1,200}>", re.DOTALL | re.IGNORECASE)
_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Activity: TypeAlias = Mapping[str, object]


@dataclass(frozen=True)
class Ignored:
    """Nothing for a feature. It is acknowledged all the same, or Teams would send it again."""

    reason: str


@dataclass(frozen=True)
class Looked:
    """A client asks for the present state of a card, by itself: nobody has pressed anything."""

    pressed: Pressed


Read: TypeAlias = Event | Looked | Ignored


def read(activity: Activity, tenants: Collection[str]) -> Read:
    """The event in an activity whose sender is proved. People of other tenants are ignored."""
    named = _tenants(activity)
    if not named or not set(named).issubset(tenants):
        return Ignored("other-tenant")
    if text(activity, "conversation", "conversationType") not in ("personal", "channel"):
        return Ignored("group-chat")
    user = text(activity, "from", "aadObjectId").lower()
    if not _GUID.fullmatch(user):
        return Ignored("nobody")
    person = Person(PLATFORM, tenant_of(activity), user)
    if not text(activity, "id") or not text(activity, "conversation", "id"):
        return Ignored("no-id")
    match text(activity, "type"):
        case "message":
            return _said(activity, person)
        case "invoke":
            return _invoked(activity, person)
        case "installationUpdate" | "conversationUpdate":
            return _came_or_went(activity, person)
        case _:
            return Ignored("kind")


def tenant_of(activity: Activity) -> str:
    """Whose the sender is; of an activity that names no tenant, none."""
    return next(iter(_tenants(activity)), "")


def place_of(activity: Activity) -> Place:
    """Where it was said: a thread of a channel stands in the conversation's id."""
    conversation, _, thread = text(activity, "conversation", "id").partition(";messageid=")
    private = text(activity, "conversation", "conversationType") == "personal"
    return Place(PLATFORM, conversation, None if private else thread or text(activity, "id"), private)


def locale_of(activity: Activity) -> str:
    """What the client says it speaks."""
    return text(activity, "locale") or _client(activity, "locale")


def zone_of(activity: Activity) -> str:
    """The time zone of the client, where it tells."""
    return text(activity, "localTimezone") or _client(activity, "timezone")


def plain(activity: Activity) -> str:
    """What somebody wrote, without mentions and markup."""
    written = text(activity, "text")[: 4 * LONGEST_TEXT]
    return html.unescape(_MARKUP.sub(" ", written)).replace("\xa0", " ").strip()[:LONGEST_TEXT]


def _tenants(activity: Activity) -> list[str]:
    """Every tenant that an activity names: of the sender where that is told, and of the conversation."""
    named = (
        text(activity, "from", "tenantId"),
        text(activity, "channelData", "tenant", "id"),
        text(activity, "conversation", "tenantId"),
    )
    return [tenant.lower() for tenant in named if tenant]


def _client(activity: Activity, name: str) -> str:
    told = (each for each in items(activity, "entities") if text(each, "type") == "clientInfo")
    return next((text(each, name) for each in told), "")


def _key(kind: str, activity: Activity) -> str:
    """The same for a redelivery, another for whatever happens next."""
    digest = sha256("\0".join((text(activity, "conversation", "id"), text(activity, "id"))).encode())
    return f"teams:{kind}:{digest.hexdigest()[:40]}"


def _said(activity: Activity, person: Person) -> Event | Ignored:
    place = place_of(activity)
    if text(activity, "from", "role") == "bot":
        return Ignored("bot")
    if at(activity, "value", OURS) is not None:
        # What a client without Action.Execute makes of a button.
        return _pressed(activity, person, at(activity, "value"), opener=None)
    if not place.private and not _names_us(activity):
        return Ignored("not-to-us")
    return Asked(_key("message", activity), person, place, plain(activity))


def _came_or_went(activity: Activity, person: Person) -> Event | Ignored:
    """Our app was added or taken away. Of an upgrade nobody has to hear; that of a team goes with its channel."""
    place = replace(place_of(activity), thread=None)
    joined = {text(each, "id") for each in items(activity, "membersAdded")}
    if text(activity, "action") == "add" or text(activity, "recipient", "id") in joined:
        return Installed(_key("installed", activity), person, place)
    if text(activity, "action") == "remove" and place.private:
        return Removed(_key("removed", activity), person)
    return Ignored("kind")


def _names_us(activity: Activity) -> bool:
    """By the entity, never by the text: anybody can type a name."""
    us = text(activity, "recipient", "id")
    return bool(us) and any(
        text(each, "type") == "mention" and text(each, "mentioned", "id") == us
        for each in items(activity, "entities")
    )


def _invoked(activity: Activity, person: Person) -> Read:
    match text(activity, "name"):
        case "adaptiveCard/action":
            pressed = _pressed(activity, person, at(activity, "value", "action", "data"), opener=None)
            if text(activity, "value", "trigger") == "manual" or isinstance(pressed, Ignored):
                return pressed
            return Looked(pressed)
        case "task/fetch":
            key = _key("action", activity)
            return _pressed(activity, person, at(activity, "value", "data"), opener=f"{OPENER}{key}")
        case "task/submit" if text(activity, "value", "data", OURS, "action"):
            # A dialog knows no press but sending.
            key = _key("action", activity)
            return _pressed(activity, person, at(activity, "value", "data"), opener=f"{OPENER}{key}")
        case "task/submit":
            return _submitted(activity, person)
        case _:
            return Ignored("invoke")


def _pressed(activity: Activity, person: Person, data: object, opener: str | None) -> Pressed | Ignored:
    """One press of one button. The message it stands in is the one that the activity answers to."""
    name = text(data, OURS, "action")
    if not name or len(name) > 100 or len(text(data, OURS, "record")) > 500:
        return Ignored("not-a-button")
    message = text(activity, "replyToId") or None
    place = place_of(activity)
    if place.thread in (message, text(activity, "id")):
        place = replace(place, thread=None)
    return Pressed(_key("action", activity), person, place, name, text(data, OURS, "record"), opener, message)


def _submitted(activity: Activity, person: Person) -> Submitted | Ignored:
    data = at(activity, "value", "data")
    form = text(data, OURS, "form")
    if not form or len(form) > 100 or len(text(data, OURS, "record")) > 500:
        return Ignored("not-a-form")
    key = _key("form", activity)
    return Submitted(key, person, form, text(data, OURS, "record"), f"{OPENER}{key}", _values(data))


def _values(data: object) -> dict[str, str]:
    """The inputs by name. Several ticks come joined by commas."""
    if not isinstance(data, Mapping):
        return {}
    told = {str(name): value for name, value in data.items() if name not in (OURS, "msteams")}
    return {name: str(value)[:_LONGEST_VALUE] for name, value in told.items() if len(name) <= 100}
