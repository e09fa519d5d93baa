"""From free text to a topic: in process, offline, the same every time."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True)
class Phrasing:
    """One way of asking for a topic."""

    topic: Topic
    text: str


SURE = 0.40
"""How alike the best phrasing has to be for an answer."""
GAP = 0.06
"""How far ahead of the next topic it has to be."""
HINT = 0.30
"""Below this nothing is even offered."""

_THANKS = re.compile(r"\b(thanks?|thank you|cheers|takk|tusen takk)\b")
_GREETING = re.compile(r"\b(hi|hello|hey|good (morning|afternoon)|hei|hallo|heisann|god (morgen|dag))\b")
_SHORT = 4


class Matcher:
    """Compares a question with the phrasings of every topic by the pieces of their words."""

    def __init__(self, phrasings: Iterable[Phrasing]) -> None:
        counted = [(phrasing.topic, _grams(phrasing.text)) for phrasing in phrasings]
        seen = Counter(gram for _, grams in counted for gram in grams)
        total = len(counted) or 1
        self._rarity: Mapping[str, float] = {gram: math.log(1 + total / n) for gram, n in seen.items()}
        self._unseen = math.log(1 + total)
        self._phrasings = [(topic, self._weigh(grams)) for topic, grams in counted]

    def match(self, text: str) -> Match:
        """The outcome for a question. Deterministic; knows nothing of who asks."""
        words = _words(text)
        lowered = " ".join(words)
        if len(words) <= _SHORT and (_THANKS.search(lowered) or _GREETING.search(lowered)):
            return Match(Kind.SMALLTALK, Topic.OFF_TOPIC, thanks=bool(_THANKS.search(lowered)))
        ranked = self._rank(text)
        if not ranked or ranked[0][1] < HINT:
            return Match(Kind.HANDOVER, None, tuple(topic for topic, _ in ranked[:3]))
        topics = tuple(topic for topic, _ in ranked[:4])
        (best, score), runner_up = ranked[0], ranked[1][1] if len(ranked) > 1 else 0.0
        if best is Topic.OFF_TOPIC:
            return Match(Kind.HANDOVER, None, topics[1:])
        if best is Topic.ABUSE:
            return Match(Kind.REFUSE, Topic.ABUSE, topics[1:])
        if score >= SURE and score - runner_up >= GAP:
            return Match(Kind.ANSWER, best, topics[1:])
        offered = tuple(t for t in topics if t not in (Topic.ABUSE, Topic.OFF_TOPIC))[:3]
        return Match(Kind.CHOOSE, None, offered) if len(offered) > 1 else Match(Kind.ANSWER, best)

    def _rank(self, text: str) -> Sequence[tuple[Topic, float]]:
        asked = self._weigh(_grams(text))
        best: dict[Topic, float] = {}
        for topic, phrasing in self._phrasings:
            score = sum(weight * phrasing[gram] for gram, weight in asked.items() if gram in phrasing)
            if score > best.get(topic, 0.0):
                best[topic] = score
        return sorted(best.items(), key=lambda item: (-item[1], item[0]))

    def _weigh(self, grams: Counter[str]) -> dict[str, float]:
        weights = {
            gram: (1 + math.log(count)) * self._rarity.get(gram, self._unseen)
            for gram, count in grams.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {gram: weight / length for gram, weight in weights.items()}


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text.lower()))


def _grams(text: str) -> Counter[str]:
    """Whole words, and the pieces of three and four letters that survive a typo or an ending."""
    grams: Counter[str] = Counter()
    for word in _words(text):
        grams[word] += 1
        padded = f"‹{word}›"
        for size in (3, 4):
            grams.update(padded[i : i + size] for i in range(len(padded) - size + 1))
    return grams
