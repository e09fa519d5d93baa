"""Neutral text as elements of an Adaptive Card, so that only our own markup means anything.

Teams reads Markdown in every text block, fact and choice, and on iOS in every text run too, although the format
promises otherwise; and what a backslash does to it differs from client to client. So nothing here is escaped: where a
sign would format, link, mention, or begin a list or a macro, one of the same look takes its place.

A line without a link becomes text runs, which alone know code. Links in text runs open nothing, or break the line, in
some releases of the desktop client, while links in Markdown work in all: a line with a link becomes a text block.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeAlias
from urllib.parse import quote, urlsplit

from bot.render.message import Block, Line, Span
from bot.render.text import CUT, marks, short, units

Json: TypeAlias = dict[str, object]

URL_LENGTH: Final = 2000
SCHEMES: Final = frozenset({"https", "http", "mailto"})
_LOOKALIKES: Final = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ", "[": "［", "]": "］", "<": "＜"})
_SPACES: Final = re.compile(r"[^\S\N{NO-BREAK SPACE}]+")
_INSTEAD: Final = (
    (re.compile(r"\\(?![^\W_])"), "＼"),
    (re.compile(r"(?<![^\W_])_|_(?![^\W_])"), "＿"),
    (re.compile(r"&(?=#?\w+;)"), "＆"),
    (re.compile(r":(?=//)"), "∶"),
    (re.compile(r"(?<=[{$]){"), "｛"),
    (re.compile(r"^(\s*)>"), r"\1＞"),
    (re.compile(r"^(\s*(?:\d+[.)]|[-+]+|#+))(?: |$)"), "\\1\N{NO-BREAK SPACE}"),
)
"""Escapes, italics, entities, bare addresses, macros and templates; a quotation, and lists like "24. november"."""
_WORDS: Final = re.compile(r"(\W*)(.*\w)(.*)", re.DOTALL)
_URL_SIGNS: Final = "%/:?#@!$&'*+,=~"
_ROOM_FOR_CUT: Final = 300


def literal(text: str) -> str:
    """One line of text that shows as it stands wherever Teams reads Markdown."""
    shown = _SPACES.sub(" ", text).translate(_LOOKALIKES)
    for pattern, instead in _INSTEAD:
        shown = pattern.sub(instead, shown)
    return shown


def said(text: str, **look: object) -> Json:
    """A line of text with one look throughout."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": literal(text), **look}]}


def elements(blocks: tuple[Block, ...], budget: int) -> list[Json]:
    """The text as elements of a card. What is over ``budget`` in all is left out and "…" stands in its place."""
    shown: list[Json] = []
    left = budget
    for block in blocks:
        for mark, line in marks(block):
            row = _row(mark, line)
            if size(row) > left - _ROOM_FOR_CUT:
                return [*shown, _shortened(mark, line, left)]
            shown.append(row)
            left -= size(row)
    return shown


def size(element: object) -> int:
    """What an element takes up as JSON with spaces and a comma, in the units that Teams counts in."""
    return units(json.dumps(element, ensure_ascii=False)) + 2


def _shortened(mark: str, line: Line, room: int) -> Json:
    """As much of the line as fits."""
    length = room
    while length > _ROOM_FOR_CUT:
        row = _row(mark, tuple(_first(line, length)))
        if size(row) <= room:
            return row
        length = length * 3 // 4
    return said(CUT)


def _first(line: Line, length: int) -> Iterator[Span]:
    for span in line:
        if units(span.text) > length:
            yield replace(span, text=short(span.text, max(length, 1)))
            return
        yield span
        length -= units(span.text)


def _row(mark: str, line: Line) -> Json:
    """A paragraph, or a point that stands beside its mark."""
    parts = [_line(part) for part in _broken(line)]
    if not mark:
        return parts[0] if len(parts) == 1 else {"type": "Container", "items": _close(parts)}
    beside = {"type": "Column", "width": "auto", "items": [said(mark.strip())]}
    text = {"type": "Column", "width": "stretch", "spacing": "small", "items": _close(parts)}
    return {"type": "ColumnSet", "spacing": "small", "columns": [beside, text]}


def _close(parts: list[Json]) -> list[Json]:
    return [{**part, "spacing": "none"} if number else part for number, part in enumerate(parts)]


def _broken(line: Line) -> list[Line]:
    """The line at its line breaks. Clients differ in what a break within a text is."""
    parts: list[list[Span]] = [[]]
    for span in line:
        first, *others = [span.text.replace("\n", " ")] if span.url else span.text.split("\n")
        parts[-1].append(replace(span, text=first))
        parts += [[replace(span, text=text)] for text in others]
    return [tuple(part) for part in parts if any(span.text.strip() for span in part)] or [(Span(CUT),)]


def _line(line: Line) -> Json:
    spans = [span for span in line if span.text]
    if any(_opens(span) for span in spans):
        return {"type": "TextBlock", "text": _markdown(spans), "wrap": True}
    return {"type": "RichTextBlock", "inlines": [_run(span) for span in spans]}


def _run(span: Span) -> Json:
    run: Json = {"type": "TextRun", "text": literal(span.text)}
    if span.bold:
        run["weight"] = "bolder"
    if span.code:
        run["fontType"] = "monospace"
    return run


def _markdown(spans: list[Span]) -> str:
    text = ""
    for span in spans:
        shown = _bold(literal(span.text)) if span.bold else literal(span.text)
        if _opens(span):
            # An exclamation mark in front would make a picture of the link.
            text = re.sub("!$", "！", text) + f"[{shown.strip()}]({quote(str(span.url), _URL_SIGNS)})"
        else:
            text += shown
    return text


def _bold(text: str) -> str:
    """Bold from the first letter to the last: only there Markdown sees a beginning and an end for certain."""
    return _WORDS.sub(r"\1**\2**\3", text, count=1)


def _opens(span: Span) -> bool:
    """Whether the span is a link that may be one."""
    if not span.url or len(span.url) > URL_LENGTH or not span.text.strip():
        return False
    return urlsplit(span.url).scheme in SCHEMES
