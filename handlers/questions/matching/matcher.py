"""From free text to a topic: in process, offline, the same every time."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from handlers.questions.matching.outcome import Kind, Match, Phrasing
from handlers.questions.topics import Topic

SURE: Final = 0.80
"""How well the best topic has to fit for an answer."""
GAP: Final = 0.35
"""How far ahead of the next topic it has to be."""
HINT: Final = 0.25
"""Below this nothing is even offered."""

_SIZES: Final = (4, 5)
"""Letters in the pieces of a word that survive a typo or an ending."""
_WORD: Final = 2
_COMMON: Final = 0.03
"""What stands in a larger share of the phrasings than this tells nothing."""
_BEST: Final = 8
_FADING: Final = 0.85
"""A topic is as good as its best phrasings together, each counting less than the one before."""
_SHARPNESS: Final = 1.5

_THANKS: Final = re.compile(r"\b(thanks?|thank you|cheers|takk|tusen takk)\b")
_GREETING: Final = re.compile(
    r"\b(hi|hello|hey|good (morning|afternoon)|hei|hallo|heisann|god (morgen|dag))\b"
)
_SHORT: Final = 4


class Matcher:
    """Compares a question with the phrasings of every topic by the pieces of their words."""

    def __init__(self, phrasings: Iterable[Phrasing]) -> None:
        listed = list(phrasings)
        self._said = {tuple(_words(phrasing.text)): phrasing.topic for phrasing in listed}
        counted = [(phrasing.topic, _grams(phrasing.text)) for phrasing in listed]
        seen = Counter(gram for _, grams in counted for gram in grams)
        total = len(counted)
        self._rarity: Mapping[str, float] = {
            gram: math.log(1 + total / n) ** _SHARPNESS
            for gram, n in seen.items()
            if n <= max(_COMMON * total, _BEST)
        }
        self._topics = [topic for topic, _ in counted]
        self._index: dict[str, list[tuple[int, float]]] = {}
        for number, (_, grams) in enumerate(counted):
            for gram, weight in self._weigh(grams).items():
                self._index.setdefault(gram, []).append((number, weight))

    def match(self, text: str, last: Topic | None = None) -> Match:  # noqa: ARG002
        """The outcome for a question. Deterministic; knows nothing of who asks.

        ``last`` is the topic answered just before, in which a short follow-up is understood.
        """
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
        alike: dict[int, float] = {}
        for gram, weight in self._weigh(_grams(text)).items():
            for number, other in self._index.get(gram, ()):
                alike[number] = alike.get(number, 0.0) + weight * other
        by_topic: dict[Topic, list[float]] = {}
        for number, score in alike.items():
            by_topic.setdefault(self._topics[number], []).append(score)
        scores = {
            topic: sum(
                score * _FADING**place for place, score in enumerate(sorted(found, reverse=True)[:_BEST])
            )
            for topic, found in by_topic.items()
        }
        said = self._said.get(tuple(_words(text)))
        if said is not None:
            # Word for word as somebody wrote it down for this topic: then nothing else is meant.
            scores[said] = max(scores.values(), default=0.0) + SURE
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))

    def _weigh(self, grams: Counter[str]) -> dict[str, float]:
        weights = {
            gram: (1 + math.log(count)) * self._rarity[gram]
            for gram, count in grams.items()
            if gram in self._rarity
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {gram: weight / length for gram, weight in weights.items()}


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text.lower()))


def _grams(text: str) -> Counter[str]:
    """Whole words, pairs of words, and pieces of words."""
    grams: Counter[str] = Counter()
    words = _words(text)
    for word in words:
        grams[word] += _WORD
        padded = f"‹{word}›"
        for size in _SIZES:
            grams.update(padded[i : i + size] for i in range(len(padded) - size + 1))
    grams.update(f"{one} {next_}" for one, next_ in pairwise(words))
    return grams
