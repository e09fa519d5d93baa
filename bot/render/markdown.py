"""The part of CommonMark that templates may use, read into the neutral blocks of a message."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.render.message import Block, Line, Paragraph, Points, Span
from bot.render.values import unshelter

SCHEMES = frozenset({"https", "http", "mailto"})
FOREIGN = "\ue0ff"
"""Stands for a printed value that is no setting, when a template is checked before it has values."""
_NAMES = {
    "heading_open": "a heading",
    "blockquote_open": "a quotation",
    "code_block": "an indented block",
    "fence": "a code block",
    "hr": "a rule",
    "html_block": "HTML",
    "html_inline": "HTML",
    "image": "an image",
    "em_open": "italics",
}


class Refused(Exception):
    """The text holds something that templates may not use."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        """From 0, within the text."""


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").disable("reference")
    # Addresses are kept as written and judged in _address; the library's own check lets ftp: and data: images by.
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]  # the library's documented hook
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005 – the hook's name for it
    return parser


_PARSER = _parser()


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of a text. Raises ``Refused``."""
    tokens = iter(_PARSER.parse(text))
    return tuple(block for token in tokens if (block := _block(token, tokens)) is not None)


def _block(token: Token, tokens: Iterator[Token]) -> Block | None:
    if token.type == "paragraph_open":
        line = _line(next(tokens))
        next(tokens)
        return Paragraph(line) if line else None
    if token.type in ("bullet_list_open", "ordered_list_open"):
        return _points(token, tokens)
    raise Refused(_NAMES.get(token.type, token.type), _at(token))


def _points(opening: Token, tokens: Iterator[Token]) -> Points:
    items: list[Line] = []
    for token in tokens:
        if token.type in ("bullet_list_close", "ordered_list_close"):
            break
        items.append(_item(token, tokens))
    start = opening.attrGet("start")
    return Points(tuple(items), opening.type == "ordered_list_open", start if isinstance(start, int) else 1)


def _item(opening: Token, tokens: Iterator[Token]) -> Line:
    line: Line | None = None
    for token in tokens:
        if token.type == "list_item_close":
            break
        block = _block(token, tokens)
        if not isinstance(block, Paragraph) or line is not None:
            raise Refused("a point with more than one paragraph in it", _at(token))
        line = block.line
    if line is None:
        raise Refused("an empty point", _at(opening))
    return line


def _line(inline: Token) -> Line:
    spans: list[Span] = []
    bold, url, row = 0, None, _at(inline)
    for token in inline.children or ():
        match token.type:
            case "strong_open" | "strong_close":
                bold += token.nesting
            case "link_open":
                url = _address(str(token.attrGet("href") or ""), row)
            case "link_close":
                url = None
            case "text" | "code_inline" | "softbreak" | "hardbreak":
                row += token.type.endswith("break")
                spans.append(_span(token, bold=bold > 0, url=url))
            case other:
                raise Refused(_NAMES.get(other, other), row)
    return _joined(spans)


def _span(token: Token, *, bold: bool, url: str | None) -> Span:
    breaks = {"softbreak": " ", "hardbreak": "\n"}
    text = breaks.get(token.type) or unshelter(token.content)
    return Span(text, bold, token.type == "code_inline", url)


def _joined(spans: Sequence[Span]) -> Line:
    """The same text in as few spans as its kinds allow, without empty ones."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and (last.bold, last.code, last.url) == (span.bold, span.code, span.url):
            joined[-1] = Span(last.text + span.text, span.bold, span.code, span.url)
        elif span.text:
            joined.append(span)
    return tuple(joined)


def _address(raw: str, line: int) -> str:
    if FOREIGN in raw:
        raise Refused("a link to an address that is neither written nor a setting", line)
    url = unshelter(raw)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused("a link to something that is no address", line) from None
    target = parts.path if parts.scheme == "mailto" else parts.hostname
    if parts.scheme not in SCHEMES or not target or any(sign.isspace() or sign in "<>|" for sign in url):
        raise Refused("a link that is not a plain https, http or mailto address", line)
    return url


def _at(token: Token) -> int:
    return token.map[0] if token.map else 0
