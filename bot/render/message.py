"""A message in words, before it has the form of any platform."""

from dataclasses import dataclass
from typing import TypeAlias

from handlers.messages import FieldKind, Look


@dataclass(frozen=True)
class Span:
    """A stretch of text of one kind. A line break is a ``\\n`` in it; ``url`` is https, http or mailto."""

    text: str
    bold: bool = False
    code: bool = False
    url: str | None = None


Line: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    line: Line


@dataclass(frozen=True)
class Points:
    """A list, with bullets or with numbers from ``start``."""

    items: tuple[Line, ...]
    ordered: bool = False
    start: int = 1


Block: TypeAlias = Paragraph | Points


@dataclass(frozen=True)
class Fact:
    """One row of the small table that stands under the text."""

    label: str
    value: str


@dataclass(frozen=True)
class Button:
    """Something to press. ``name`` and ``record`` come back with the press; nothing else is trusted."""

    name: str
    record: str
    label: str
    look: Look = Look.PLAIN
    url: str = ""
    """What it opens, if it opens a page of ours."""
    opens_form: bool = False
    """Whether a press is answered with a form."""


@dataclass(frozen=True)
class Option:
    """One thing to choose or tick."""

    value: str
    label: str


@dataclass(frozen=True)
class Input:
    """Something to fill in. ``problem`` says in words what is wrong with the value that was sent."""

    name: str
    kind: FieldKind
    label: str
    hint: str = ""
    options: tuple[Option, ...] = ()
    required: bool = True
    value: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Code:
    """A QR code: the words below it, and the https address that it opens. Only web pages show it."""

    label: str
    url: str


@dataclass(frozen=True)
class Message:
    """What every renderer takes. All text is plain and cleaned; only spans with a ``url`` are links."""

    title: str = ""
    body: tuple[Block, ...] = ()
    facts: tuple[Fact, ...] = ()
    actions: tuple[Button, ...] = ()
    fields: tuple[Input, ...] = ()
    submit: str = ""
    close: str = ""
    details: tuple[Block, ...] = ()
    codes: tuple[Code, ...] = ()
