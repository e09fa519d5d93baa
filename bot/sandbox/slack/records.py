"""What a Slack workspace holds: people, channels, messages, views; and what passed between it and the app."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = dict[str, Any]
"""A JSON object as it goes over the wire."""

_BROADCAST = re.compile(r"<!(channel|here|everyone)(?:\|[^>]*)?>")
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<((?:https?|mailto):[^>|]+)(?:\|[^>]*)?>")


@dataclass(frozen=True)
class SlackUser:
    """Somebody with an account in Slack. Without ``team_id`` they belong to the emulated workspace."""

    id: str
    name: str
    email: str | None = None
    locale: str = "en-GB"
    tz: str = "Europe/Oslo"
    team_id: str | None = None
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    email_confirmed: bool = True


@dataclass
class Channel:
    """A conversation. A direct message has ``with_user``: the person who talks with the bot."""

    id: str
    name: str
    members: set[str]
    private: bool = False
    ext_shared: bool = False
    archived: bool = False
    with_user: str | None = None

    @property
    def scope_family(self) -> str:
        """The first half of the scopes that open this kind of conversation: ``im`` in ``im:history``."""
        if self.with_user is not None:
            return "im"
        return "groups" if self.private else "channels"


@dataclass(frozen=True)
class Control:
    """Something in a message or view that a person can press or choose from."""

    type: str
    action_id: str
    block_id: str
    label: str
    value: str | None
    url: str | None
    style: str | None
    element: Json = field(repr=False)


@dataclass(frozen=True)
class Version:
    """What a message said before it was changed."""

    text: str
    blocks: tuple[Json, ...]
    until: datetime


@dataclass(frozen=True)
class Message:
    """A message as it stands now. ``ephemeral_to`` names the only person who sees it."""

    channel: str
    ts: str
    user: str
    text: str
    at: datetime
    by_bot: bool
    blocks: tuple[Json, ...] = ()
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    earlier: tuple[Version, ...] = ()
    metadata: Json | None = None
    notified: frozenset[str] = frozenset()
    """Whom the message alarms: ``channel``, ``here``, ``everyone``, a user group or a user id."""
    deleted: bool = False
    lost: bool = False
    """Posted to a thread that does not exist: Slack says ok, and nobody ever sees it."""

    @property
    def shown(self) -> str:
        """All the words a person sees, in order; the fallback text only where there are no blocks."""
        return "\n".join(texts(self.blocks)) if self.blocks else self.text

    @property
    def controls(self) -> tuple[Control, ...]:
        """The buttons and menus in it, in order."""
        return tuple(controls(self.blocks))

    @property
    def links(self) -> tuple[str, ...]:
        """Addresses a person can follow, written out or behind a button."""
        written = [url for part in markup(self.blocks) for url in _LINK.findall(part)]
        if not self.blocks:
            written = _LINK.findall(self.text)
        return (*written, *(control.url for control in self.controls if control.url))

    def control(self, action_id: str) -> Control:
        """The first control with this action id. ``KeyError`` when there is none."""
        for each in self.controls:
            if each.action_id == action_id:
                return each
        raise KeyError(action_id)


@dataclass(frozen=True)
class View:
    """A modal, or what a Home tab shows."""

    id: str
    user: str
    type: str
    hash: str
    root_id: str
    title: str
    submit: str | None
    close: str | None
    blocks: tuple[Json, ...]
    callback_id: str
    private_metadata: str
    external_id: str
    notify_on_close: bool
    clear_on_close: bool
    previous_id: str | None = None
    state: Json = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    """What the app said was wrong with the last submission, by block id."""

    @property
    def shown(self) -> str:
        """All the words a person sees, title and buttons included."""
        heads = (self.title, *texts(self.blocks), self.submit or "", self.close or "")
        return "\n".join(part for part in heads if part)

    @property
    def controls(self) -> tuple[Control, ...]:
        """The buttons and menus outside input blocks, in order."""
        return tuple(controls(self.blocks))

    @property
    def inputs(self) -> tuple[Json, ...]:
        """The input blocks, in order."""
        return tuple(block for block in self.blocks if block["type"] == "input")


@dataclass(frozen=True)
class Call:
    """One request of the app to the Web API."""

    method: str
    args: Json
    ok: bool
    error: str | None
    status: int
    at: datetime
    raw: str = field(default="", repr=False)


class Kind(StrEnum):
    """What a delivery carries."""

    EVENT = "event"
    INTERACTION = "interaction"
    COMMAND = "command"


@dataclass(frozen=True)
class Signed:
    """An HTTP request exactly as it went out, so that it can be replayed."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Delivery:
    """One attempt to hand something to the app, and what came of it."""

    kind: Kind
    payload: Json = field(repr=False)
    over: str
    """``http``, ``socket`` or ``nowhere``."""
    acknowledged: bool
    status: int | None
    latency: float
    answer: Json | None = None
    """What the app put into its acknowledgement, if anything."""
    failure: str | None = None
    """Slack's word for what went wrong: ``http_timeout``, ``connection_failed``, ``http_error``."""
    retry_number: int = 0
    no_retry: bool = False
    request: Signed | None = None

    @property
    def id(self) -> str:
        """The event id, or the trigger id of an interaction or command."""
        return str(self.payload.get("event_id") or self.payload.get("trigger_id") or "")

    @property
    def event_type(self) -> str:
        """``message``, ``app_mention`` …; for an interaction its type."""
        event = self.payload.get("event")
        return str(event["type"] if isinstance(event, dict) else self.payload.get("type", ""))


def texts(blocks: Sequence[Json]) -> Iterator[str]:
    """Every piece of text in blocks that a person sees, in reading order."""
    for block in blocks:
        yield from _texts(block)


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(text := node.get("text"), str):
            yield text
        for key in (
            "label",
            "text",
            "fields",
            "accessory",
            "elements",
            "element",
            "hint",
            "placeholder",
            "options",
        ):
            yield from _texts(node.get(key))
    elif isinstance(node, list | tuple):
        for each in node:
            yield from _texts(each)


def markup(node: object) -> Iterator[str]:
    """Every text in blocks in which Slack interprets markup."""
    if isinstance(node, dict):
        if node.get("type") in ("mrkdwn", "markdown") and isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from markup(value)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from markup(each)


def notified(text: str, blocks: Sequence[Json]) -> frozenset[str]:
    """Whom a message alarms: what an unescaped ``<!channel>`` or ``<@U…>`` does."""
    alarms: set[str] = set()
    for part in (text, *markup(list(blocks))):
        alarms.update(_BROADCAST.findall(part), _GROUP.findall(part), _MENTION.findall(part))
    return frozenset(alarms)


def controls(blocks: Sequence[Json]) -> Iterator[Control]:
    """The buttons and menus in blocks, in reading order; inputs are not among them."""
    for block in blocks:
        if block["type"] == "actions":
            elements = block["elements"]
        elif block["type"] == "section" and "action_id" in block.get("accessory", {}):
            elements = [block["accessory"]]
        else:
            elements = []
        for element in elements:
            label = element.get("text") or element.get("placeholder") or {}
            yield Control(
                type=element["type"],
                action_id=element["action_id"],
                block_id=block["block_id"],
                label=label.get("text", ""),
                value=element.get("value"),
                url=element.get("url"),
                style=element.get("style"),
                element=element,
            )
