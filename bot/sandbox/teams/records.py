"""What Teams holds: people, conversations, messages, dialogs; and what passed between it and the bot."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]
"""A JSON object as it goes over the wire."""

_CHILDREN = ("body", "items", "columns", "rows", "cells", "actions", "inlineAction", "selectAction", "card")


@dataclass(frozen=True)
class TeamsUser:
    """Somebody with an account in Entra. Without ``tenant_id`` they belong to the emulated tenant."""

    object_id: str
    name: str
    upn: str
    mail: str | None = None
    locale: str = "en-GB"
    time_zone: str = "Europe/Oslo"
    tenant_id: str | None = None
    guest: bool = False


@dataclass
class Team:
    """A team and its channels: names by ``19:…@thread.tacv2`` id. The first is General, and has the team's own id."""

    id: str
    group_id: str
    name: str
    members: set[str]
    channels: dict[str, str]
    installed: bool = True
    """Whether the app is in the team."""


@dataclass
class Chat:
    """The conversation between one person and the bot."""

    id: str
    user: str
    deleted: bool = False


@dataclass(frozen=True)
class Control:
    """Something in a card that a person can press."""

    kind: str
    title: str
    verb: str | None
    data: Json
    url: str | None
    action: Json = field(repr=False)

    @property
    def name(self) -> str:
        """The verb, or the ``action`` or ``form`` that its data names."""
        return self.verb or _named(self.data)

    @property
    def opens_dialog(self) -> bool:
        """Whether pressing it asks the bot for a dialog."""
        told = self.data.get("msteams")
        return self.kind == "Action.Submit" and isinstance(told, dict) and told.get("type") == "task/fetch"


Choice = str | Callable[[Control], bool]
"""A control by its name or title, or by what is true of it."""


@dataclass(frozen=True)
class Version:
    """What a message said before it was changed."""

    text: str
    card: Json | None
    until: datetime


@dataclass(frozen=True)
class Message:
    """A message as it stands now, as one person sees it: a card may have been replaced for them alone."""

    id: str
    conversation: str
    """Without ``;messageid=``."""
    author: str
    """The object id of a person, the app id of the bot."""
    text: str
    at: datetime
    by_bot: bool
    card: Json | None = None
    summary: str | None = None
    """What a notification of it says."""
    thread: str | None = None
    """The root of the thread that it answers; nothing for a root itself, and in a chat."""
    mentioned: tuple[str, ...] = ()
    earlier: tuple[Version, ...] = ()
    deleted: bool = False
    activity: Json = field(default_factory=dict, repr=False)
    """What the bot sent, whole."""

    @property
    def root(self) -> str:
        """The root of the thread that it stands in."""
        return self.thread or self.id

    @property
    def shown(self) -> str:
        """All the words a person sees, in reading order."""
        words = [self.text, *(texts(self.card) if self.card else ())]
        return "\n".join(part for part in words if part)

    @property
    def controls(self) -> tuple[Control, ...]:
        """The buttons, in order."""
        return tuple(controls(self.card)) if self.card else ()

    @property
    def links(self) -> tuple[str, ...]:
        """Addresses behind buttons."""
        return tuple(each.url for each in self.controls if each.url)

    def control(self, name: str) -> Control:
        """The first control of this name or title. ``KeyError`` when there is none."""
        for each in self.controls:
            if name in (each.name, each.title):
                return each
        raise KeyError(name)


@dataclass(frozen=True)
class Dialog:
    """What a person has open over the conversation."""

    title: str
    card: Json
    conversation: str
    """As the bot is told it, thread and all."""
    message: str
    """The message whose button opened it."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What was filled in last."""

    @property
    def shown(self) -> str:
        """All the words a person sees."""
        return "\n".join(part for part in (self.title, *texts(self.card)) if part)

    @property
    def controls(self) -> tuple[Control, ...]:
        """The buttons, in order."""
        return tuple(controls(self.card))

    @property
    def inputs(self) -> tuple[Json, ...]:
        """The inputs, in order."""
        return tuple(inputs(self.card))


@dataclass(frozen=True)
class Call:
    """One request of the bot to the connector."""

    operation: str
    """``create``, ``send``, ``reply``, ``update``, ``delete`` or ``members``."""
    path: str
    body: Json
    status: int
    error: str | None
    at: datetime
    raw: str = field(default="", repr=False)

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Signed:
    """An HTTP request exactly as it went out, so that it can be replayed."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Delivery:
    """One attempt to hand an activity to the bot, and what came of it."""

    activity: Json = field(repr=False)
    status: int | None
    latency: float
    answer: object = None
    """What the bot put into its answer, if it was JSON."""
    failure: str | None = None
    """``timeout``, ``connection_failed``, ``http_error`` or ``nowhere``."""
    attempt: int = 1
    request: Signed | None = None

    @property
    def id(self) -> str:
        """The activity's id."""
        return str(self.activity.get("id", ""))

    @property
    def type(self) -> str:
        """``message``, ``installationUpdate`` …; for an invoke its name."""
        return str(self.activity.get("name") or self.activity.get("type", ""))

    @property
    def acknowledged(self) -> bool:
        """Whether the bot said that it has it."""
        return self.failure is None and self.status is not None

    @property
    def answered(self) -> bool:
        """Whether the bot said anything at all: what is unanswered is delivered again."""
        return self.status is not None


def nodes(node: object) -> Iterator[Json]:
    """Every element and action of a card, itself first, in reading order."""
    if isinstance(node, dict):
        yield node
        for key in _CHILDREN:
            if key in node:
                yield from nodes(node[key])
    elif isinstance(node, list | tuple):
        for each in node:
            yield from nodes(each)


def texts(card: Json) -> Iterator[str]:
    """Every piece of text in a card that a person sees, in reading order."""
    for node in nodes(card):
        kind = node.get("type")
        for key in ("label", "title", "text", "altText", "placeholder"):
            if isinstance(text := node.get(key), str):
                yield text
        for fact in node.get("facts", ()):
            yield f"{fact['title']} {fact['value']}"
        if inlines := node.get("inlines"):
            yield "".join(inline if isinstance(inline, str) else inline["text"] for inline in inlines)
        if kind == "Input.ChoiceSet":
            yield from (choice["title"] for choice in node.get("choices", ()))


def controls(card: Json) -> Iterator[Control]:
    """The buttons of a card, in reading order."""
    for node in nodes(card):
        kind = str(node.get("type", ""))
        if kind.startswith("Action."):
            data = node.get("data")
            yield Control(
                kind=kind,
                title=node.get("title", ""),
                verb=node.get("verb"),
                data=data if isinstance(data, dict) else {},
                url=node.get("url"),
                action=node,
            )


def inputs(card: Json) -> Iterator[Json]:
    """The inputs of a card, in reading order."""
    return (node for node in nodes(card) if str(node.get("type", "")).startswith("Input."))


def _named(data: Json) -> str:
    for key in ("action", "form"):
        if isinstance(found := data.get(key), str):
            return found
    return next((name for each in data.values() if isinstance(each, dict) and (name := _named(each))), "")
