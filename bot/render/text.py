"""A message as plain text: for notifications, mail and the terminal; and the ways to make a text shorter."""

from collections.abc import Iterable, Iterator

from bot.render.message import Block, Line, Message, Paragraph

CUT = "…"


def units(text: str) -> int:
    """The length as platforms count it: in UTF-16, where an emoji is two."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def short(text: str, limit: int) -> str:
    """The text, or as much of it as fits with ``…`` for the rest, cut at a word where one ends near."""
    if units(text) <= limit:
        return text
    room, end = limit - 1, 0
    for sign in text:
        room -= units(sign)
        if room < 0:
            break
        end += 1
    space = text.rfind(" ", end * 2 // 3, end + 1)
    return text[: space if space > 0 else end].rstrip() + CUT


def plain(message: Message, *, links: bool = False) -> str:
    """All that a message says, without buttons. With ``links``, addresses follow the words they hang on."""
    parts = [message.title, *(_block(block, links=links) for block in message.body)]
    parts.append("\n".join(f"{fact.label}: {fact.value}" for fact in message.facts))
    return "\n\n".join(part for part in parts if part)


def marks(block: Block) -> Iterator[tuple[str, Line]]:
    """The lines of a block, each with the mark that stands before it."""
    if isinstance(block, Paragraph):
        yield "", block.line
    else:
        for number, line in enumerate(block.items, block.start):
            yield f"{number}. " if block.ordered else "• ", line


def _block(block: Block, *, links: bool) -> str:
    return "\n".join(mark + "".join(_spans(line, links=links)) for mark, line in marks(block))


def _spans(line: Line, *, links: bool) -> Iterable[str]:
    for span in line:
        yield span.text
        if links and span.url and span.url.removeprefix("mailto:") != span.text:
            yield f" ({span.url.removeprefix('mailto:')})"
