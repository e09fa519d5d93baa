"""What is seen of a text: its words and pairs of words, pieces of words, what they mean, and which meanings meet."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Final

from handlers.questions.matching.lexicon import Lexicon

WEIGHTS: Final[Mapping[str, float]] = {"w": 1.0, "c": 1.0, "m": 0.8, "p": 0.5}
"""How much each kind of feature counts: words, pieces (characters), meanings, pairs of meanings."""
_PIECES: Final = (3, 4, 5)
_MOST_WORDS: Final = 250
_MOST_MEANINGS: Final = 40


def features(said: Sequence[str], lexicon: Lexicon) -> Mapping[str, Counter[str]]:
    """The features of a row of words, counted, by kind; of a very long one, those of its beginning."""
    said = said[:_MOST_WORDS]
    meanings = sorted({concept for _, concept in lexicon.concepts(said)})[:_MOST_MEANINGS]
    return {
        "w": Counter(_words(said)),
        "c": Counter(piece for word in said for piece in _pieces(word)),
        "m": Counter(meanings),
        "p": Counter(f"{one}+{other}" for one, other in combinations(meanings, 2)),
    }


def _words(said: Sequence[str]) -> Iterator[str]:
    yield from said
    yield from (f"{one} {other}" for one, other in pairwise(["^", *said, "$"]))


def _pieces(word: str) -> Iterator[str]:
    padded = f"<{word}>"
    for size in _PIECES:
        yield from (padded[i : i + size] for i in range(len(padded) - size + 1))
