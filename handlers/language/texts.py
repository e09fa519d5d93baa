"""The language a text is written in, by the words in it and their endings."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from handlers.language import words
from handlers.messages import Language

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CLEAR: Final = 2
"""How many words more than of the other form make a text clearly this form."""


@dataclass(frozen=True)
class Reading:
    """How many different words of a text speak for what. ``faint`` ones speak for Norwegian only together."""

    nynorsk: int = 0
    bokmal: int = 0
    either: int = 0
    faint: int = 0
    english: int = 0

    @property
    def language(self) -> Language | None:
        """The language, when the words decide it."""
        norwegian = self.nynorsk + self.bokmal + self.either + self.faint
        if norwegian == self.english:
            return None
        if self.english > norwegian:
            return Language.EN
        if self.nynorsk == self.bokmal:
            # Nothing in it tells the forms apart: most people write Bokmål.
            return Language.NB if not self.nynorsk and (self.either or norwegian > 1) else None
        return Language.NN if self.nynorsk > self.bokmal else Language.NB

    @property
    def is_clear(self) -> bool:
        """Whether several words belong to one form of Norwegian, and hardly any to the other."""
        return abs(self.nynorsk - self.bokmal) >= _CLEAR


def read(text: str) -> Reading:
    """Look at every word once, however often it comes."""
    found = {word: _speaks_for(word) for word in _words(text)}
    kinds = list(found.values())
    return Reading(*(kinds.count(kind) for kind in ("nynorsk", "bokmal", "either", "faint", "english")))


def of_text(text: str) -> Language | None:
    """The language a text is written in, when its words decide it."""
    return read(text).language


def _words(text: str) -> set[str]:
    return set(_WORD.findall(unicodedata.normalize("NFC", text.lower()).replace("’", "'")))


def _speaks_for(word: str) -> str:
    if word in words.FAINT:
        return "faint"
    for kind, known in _KNOWN:
        if word in known:
            return kind
    if words.NYNORSK_ENDING.fullmatch(word) and word not in words.NOT_NYNORSK:
        return "nynorsk"
    if words.BOKMAL_ENDING.fullmatch(word) and word not in words.NOT_BOKMAL:
        return "bokmal"
    return "either" if re.search("[æøå]", word) else ""


_KNOWN: Final = (
    ("nynorsk", words.NYNORSK),
    ("bokmal", words.BOKMAL),
    ("either", words.NORWEGIAN),
    ("english", words.ENGLISH),
)
