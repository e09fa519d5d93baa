"""What becomes of a question."""

from dataclasses import dataclass
from enum import StrEnum

from handlers.questions.topics import Topic


class Kind(StrEnum):
    """What becomes of a question."""

    ANSWER = "answer"
    CHOOSE = "choose"
    HANDOVER = "handover"
    REFUSE = "refuse"
    SMALLTALK = "smalltalk"


@dataclass(frozen=True)
class Match:
    """The outcome for one question. ``alternatives`` are the next best topics, best first."""

    kind: Kind
    topic: Topic | None = None
    alternatives: tuple[Topic, ...] = ()
    thanks: bool = False
    second: Topic | None = None
    """The other question in the same message; it leads the alternatives too."""
    is_followup: bool = False
    """It was understood from the topic before it, not by itself."""


@dataclass(frozen=True)
class Phrasing:
    """One way of asking for a topic."""

    topic: Topic
    text: str
