"""From free text to a topic: in process, offline, the same every time."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from handlers.questions.matching.features import features
from handlers.questions.matching.follow_ups import continued
from handlers.questions.matching.lexicon import Lexicon
from handlers.questions.matching.model import Model
from handlers.questions.matching.outcome import Kind, Match, Phrasing
from handlers.questions.matching.small_talk import small_talk
from handlers.questions.matching.words import words
from handlers.questions.topics import Topic

SURE: Final = -0.1
"""The score that the best topic needs for an answer."""
GAP: Final = 0.5
"""How far ahead of the next topic it has to be then."""
OURS: Final = -0.95
"""Below this nothing fits, whatever comes first."""
CLEAR: Final = 0.9
"""How far ahead of "none of ours" an answer has to be."""
FOREIGN: Final = 0.3
"""How close "none of ours" may come before nothing is offered to choose from."""
WARY: Final = 0.3
"""How close abuse may come to the best topic before it counts as such: a refusal costs little, a pass for the wrong one
much."""
APART: Final = 0.6
"""How far ahead a part of a message has to be to count as a question of its own."""

_CUT: Final = re.compile(r"[?!.;\n]+|,?\s+(?:og|and|also|men|but|plus)\s+(?=\w+\s+\w+\s+\w+)")
_FEWEST: Final = 3
"""Words of a part that can be a question."""
_PARTS: Final = 12
_NOT_ANSWERED: Final = frozenset({Topic.ABUSE, Topic.OFF_TOPIC})
_MOST: Final = 3

Ranked = Sequence[tuple[float, Topic]]


class Matcher:
    """Scores every topic for a message, and makes an outcome of the scores."""

    def __init__(self, phrasings: Iterable[Phrasing], lexicon: Lexicon, model: Model) -> None:
        self._said = {" ".join(words(phrasing.text)): phrasing.topic for phrasing in phrasings}
        self._lexicon = lexicon
        self._model = model

    def match(self, text: str, last: Topic | None = None) -> Match:
        """The outcome for a question. Deterministic; knows nothing of who asks.

        ``last`` is the topic answered just before, in which a short follow-up is understood.
        """
        said = words(text)
        if (talk := small_talk(said)) is not None:
            return Match(Kind.SMALLTALK, Topic.OFF_TOPIC, thanks=talk == "thanks")
        if last is not None and (topic := continued(said, last)) is not None:
            return Match(Kind.ANSWER, topic, is_followup=True)
        if not any(map(str.isalpha, "".join(said))):
            return Match(Kind.HANDOVER)
        ranked = self._rank(said)
        topics = [topic for _, topic in ranked]
        scores = {topic: score for score, topic in ranked}
        best, after = topics[0], tuple(topics[1 : _MOST + 1])
        if scores[Topic.ABUSE] >= scores[best] - WARY and scores[Topic.ABUSE] > OURS:
            return Match(
                Kind.REFUSE, Topic.ABUSE, tuple(it for it in topics if it is not Topic.ABUSE)[:_MOST]
            )
        offered = tuple(it for it in topics if it not in _NOT_ANSWERED)[:_MOST]
        if best is Topic.OFF_TOPIC or scores[best] < OURS:
            return Match(Kind.HANDOVER, None, offered)
        both = self._both(text, best) if " ".join(said) not in self._said else None
        if both is not None:
            first, second = both
            rest = tuple(it for it in offered if it not in both)
            return Match(Kind.ANSWER, first, (second, *rest)[:_MOST], second=second)
        clear = scores[best] - scores[Topic.OFF_TOPIC] >= CLEAR
        if clear and scores[best] >= SURE and scores[best] - ranked[1][0] >= GAP:
            return Match(Kind.ANSWER, best, after)
        if scores[Topic.OFF_TOPIC] >= scores[best] - FOREIGN:
            return Match(Kind.HANDOVER, None, offered)
        return Match(Kind.CHOOSE, None, offered)

    def _rank(self, said: Sequence[str]) -> Ranked:
        ranked = self._model.scores(features(said, self._lexicon))
        known = self._said.get(" ".join(said))
        if known is None:
            return ranked
        # Word for word as somebody wrote it down for this topic: then nothing else is meant.
        return [(1.0 + GAP, known), *((min(score, 1.0), it) for score, it in ranked if it is not known)]

    def _both(self, text: str, best: Topic) -> tuple[Topic, Topic] | None:
        """The questions of a message that holds two, as asked: parts of it that are sure of different topics."""
        parts = [said for part in _CUT.split(text)[:_PARTS] if len(said := words(part)) >= _FEWEST]
        if len(parts) < 2:
            return None
        found: list[Topic] = []
        for said in parts:
            (score, topic), (behind, _) = self._rank(said)[:2]
            if topic not in _NOT_ANSWERED and score >= SURE and score - behind >= APART:
                found.append(topic)
        topics = list(dict.fromkeys(found))
        return (topics[0], topics[1]) if best in topics and len(topics) == 2 else None
