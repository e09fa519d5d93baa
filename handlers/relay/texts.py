"""What somebody wrote, made ready for the other side: cleaned once more, line by line, and not too long."""

from dataclasses import dataclass
from typing import Final

from handlers.store.cleaning import clean

LONGEST: Final = 2800
"""Letters of one message: what an edge hands on is hardly longer, and a platform takes it with room to spare."""
MOST_LINES: Final = 40
_EXCERPT: Final = 160
_NAME: Final = 60
_MORE: Final = "…"


@dataclass(frozen=True)
class Ready:
    """The lines that go across, and what the writer has to be told."""

    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """Of ``handlers.messages.relay.NOTES``."""


def ready(text: str, *, cut: bool) -> Ready:
    """``cut``: something was cut out of it before."""
    # Gaps are closed first: they could keep the parts of a number apart.
    written = "\n".join(line for each in text.splitlines() if (line := " ".join(each.split())))
    if not written:
        return Ready((), ("only-text",))
    cleaned = clean(written)
    lines = cleaned.split("\n")
    fitting = _fitting(lines)
    notes = ("cut",) if cut or cleaned != written else ()
    return Ready(fitting, (*notes, "long") if fitting != tuple(lines) else notes)


def excerpt(lines: tuple[str, ...]) -> str:
    """The beginning, to tell which message is meant."""
    text = " ".join(lines)
    return text if len(text) <= _EXCERPT else text[:_EXCERPT].rstrip() + _MORE


def called(name: str, otherwise: str) -> str:
    """A name as a person has chosen it: nothing hides in it, and it is no longer than a name."""
    return " ".join(clean(name).split())[:_NAME] or otherwise


def _fitting(lines: list[str]) -> tuple[str, ...]:
    room, kept = LONGEST, list[str]()
    for line in lines[:MOST_LINES]:
        if len(line) > room:
            break
        kept.append(line)
        room -= len(line)
    if len(kept) == len(lines):
        return tuple(kept)
    if len(kept) < MOST_LINES and room:
        kept.append(lines[len(kept)][: room - 1].rstrip() + _MORE)
    return tuple(kept)
