"""What the bot may send as an activity."""

import re
from dataclasses import dataclass
from typing import Final

from bot.sandbox.teams.cards import CONTENT_TYPE, check_card
from bot.sandbox.teams.records import Json
from bot.sandbox.teams.refusals import bad_argument, bad_syntax, too_big

_MOST: Final = 100 * 1024
_TYPES: Final = ("message", "typing")
_FORMATS: Final = ("plain", "markdown", "xml")
_CLASSIC: Final = re.compile(
    r"application/vnd\.microsoft\.card\.(hero|thumbnail|signin|oauth|receipt)|image/.*"
)
_ID: Final = re.compile(r"(?P<conversation>[^;]+)(?:;messageid=(?P<root>\d+))?")


@dataclass(frozen=True)
class Sent:
    """An activity of the bot, checked."""

    activity: Json
    text: str
    card: Json | None

    @property
    def is_typing(self) -> bool:
        """Only a sign that the bot is writing."""
        return bool(self.activity["type"] == "typing")


def checked(activity: object, raw: str) -> Sent:
    """The activity. ``Refusal`` when Teams would not take it."""
    if len(raw.encode("utf-16-le")) > _MOST:
        raise too_big()
    if not isinstance(activity, dict):
        raise bad_argument("Missing or malformed activity")
    if activity.get("type") not in _TYPES:
        raise bad_argument(f"Unsupported activity type: {activity.get('type')}")
    text = activity.get("text") or ""
    if not isinstance(text, str):
        raise bad_argument("text must be a string")
    if activity.get("textFormat", "markdown") not in _FORMATS:
        raise bad_argument("Unknown text format")
    _mentions(activity, text)
    card = _card(activity.get("attachments") or [])
    if activity["type"] == "message" and not text and card is None:
        raise bad_syntax("Activity has neither text nor attachments")
    return Sent(activity, text, card)


def _card(attachments: object) -> Json | None:
    """The one card of a message."""
    if not isinstance(attachments, list) or not all(isinstance(each, dict) for each in attachments):
        raise bad_argument("attachments must be a list of objects")
    for attachment in attachments:
        kind = attachment.get("contentType")
        if _CLASSIC.fullmatch(str(kind)):
            raise bad_argument(f"Not emulated: {kind}")
        if kind != CONTENT_TYPE:
            raise bad_argument("Unknown attachment type")
        if problems := check_card(attachment.get("content")):
            raise bad_argument(f"Invalid Adaptive Card: {'; '.join(problems)}")
    if len(attachments) > 1:
        raise bad_syntax("Activity resulted into multiple skype activities")
    return attachments[0]["content"] if attachments else None


def _mentions(activity: Json, text: str) -> None:
    """A mention must stand in the text as it stands in its entity."""
    for entity in activity.get("entities") or []:
        if not isinstance(entity, dict):
            raise bad_argument("entities must be a list of objects")
        if entity.get("type") == "mention" and str(entity.get("text")) not in text:
            raise bad_argument("Mention without its text")


def address(conversation_id: str) -> tuple[str, str | None]:
    """The conversation, and the root of the thread if one is named. ``Refusal`` for what is no conversation id."""
    found = _ID.fullmatch(conversation_id)
    if found is None or not found["conversation"].startswith(("a:", "19:")):
        raise bad_argument("Failed to decrypt conversation id")
    return found["conversation"], found["root"]
