"""Neutral text in Slack's mrkdwn, so that only our own markup means anything.

Slack reads ``& < >`` as the beginning of mentions, links and dates (https://docs.slack.dev/messaging/formatting-message-text);
these are escaped. ``* _ ~ `` ` ``, and a word between colons (an emoji), cannot be escaped in mrkdwn: where they
would format, a sign of the same look takes their place. ``verbatim`` keeps Slack from making links of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.render.message import Block, Line, Span
from bot.render.text import CUT, marks, short, units

_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
URL_LENGTH = 2000
_EMOJI = re.compile(r":(?=[\w+'-]+:)")


def escape(text: str) -> str:
    """Text that mentions nobody and links to nothing."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(text: str) -> str:
    """Text in mrkdwn that shows as it stands."""
    unformatted = _EMOJI.sub("∶", _EDGE_UNDERSCORE.sub("＿", text.translate(_LOOKALIKES)))
    return escape(unformatted)


def line(spans: Line) -> str:
    """One line of text."""
    return "".join(_span(span) for span in spans)


def sections(blocks: tuple[Block, ...], limit: int, budget: int) -> list[str]:
    """The text in pieces of at most ``limit``, broken between blocks where possible, else between words.

    What is over ``budget`` in all is left out and "…" stands in its place.
    """
    packed: list[str] = []
    for gap, piece in _fitting(_pieces(blocks, limit), budget):
        if packed and units(packed[-1] + gap + piece) <= limit:
            packed[-1] += gap + piece
        else:
            packed.append(piece)
    return packed


def _fitting(pieces: Iterator[tuple[str, str]], budget: int) -> Iterator[tuple[str, str]]:
    left = budget - units(CUT)
    for gap, piece in pieces:
        left -= units(gap + piece)
        if left < 0:
            yield gap, CUT
            return
        yield gap, piece


def _pieces(blocks: tuple[Block, ...], limit: int) -> Iterator[tuple[str, str]]:
    """Every line in parts of at most ``limit``, each with the gap before it."""
    for block in blocks:
        for mark, spans in marks(block):
            gap = "\n" if mark else "\n\n"
            for piece in _parts((Span(mark), *spans) if mark else spans, limit):
                yield gap, piece
                gap = " "


def _parts(spans: Line, limit: int) -> Iterator[str]:
    whole = line(spans)
    if units(whole) <= limit:
        yield whole
        return
    part: list[Span] = []
    room = limit
    for word in _words(spans, limit // 8):
        size = units(_span(word))
        if size > room and part:
            yield line(tuple(part))
            part, room = [], limit
        part.append(word)
        room -= size
    yield line(tuple(part))


def _words(spans: Line, longest: int) -> Iterator[Span]:
    """The line word by word. Escaping can make a word five times as long, so overlong ones are cut well below."""
    for span in spans:
        if span.url:
            yield replace(span, text=short(span.text, longest))
            continue
        for word in re.findall(r"\S+\s*|\s+", span.text):
            yield replace(span, text=short(word, longest))


def _span(span: Span) -> str:
    if span.url and len(span.url) <= URL_LENGTH:
        label = " ".join(literal(span.text).replace("|", "¦").split())
        text = f"<{escape(span.url)}|{label}>" if label else ""
    elif span.code:
        text = _wrapped(escape(span.text.translate(_LOOKALIKES)), "`")
    else:
        text = literal(span.text)
    return _wrapped(text, "*") if span.bold else text


def _wrapped(text: str, mark: str) -> str:
    """Each line between marks, with the spaces at its ends outside, where Slack wants them."""
    return re.sub(r"(?m)(\S(?:.*\S)?)", rf"{mark}\1{mark}", text)
