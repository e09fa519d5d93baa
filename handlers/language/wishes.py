"""When somebody writes which language they want, and nothing else."""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Wish(StrEnum):
    """What was wished for."""

    EN = "en"
    NB = "nb"
    NN = "nn"
    NORWEGIAN = "norwegian"
    """Either form."""
    ASK = "ask"
    """To be shown the languages there are."""


_NAMES: Final[Mapping[str, Wish]] = {
    "english": Wish.EN,
    "engelsk": Wish.EN,
    "bokmål": Wish.NB,
    "bokmal": Wish.NB,
    "nynorsk": Wish.NN,
    "norsk": Wish.NORWEGIAN,
    "norwegian": Wish.NORWEGIAN,
    "språk": Wish.ASK,
    "språket": Wish.ASK,
    "målform": Wish.ASK,
    "målforma": Wish.ASK,
    "målformen": Wish.ASK,
    "language": Wish.ASK,
    "languages": Wish.ASK,
}
_AROUND: Final = frozenset(
    (
        "answer bruk bytt byt can change choose could du endre få heller i in instead kan kunne me meg my på "
        "please prefer reply skift skriv skrive snakk snakke speak svar svare switch takk "
        "thanks the til to use vel velg vær være ver vere snill så would write you your"
    ).split()
)
"""Words that may stand around the name of a language when nothing but the language is meant."""
_LONGEST: Final = 60
"""Whoever writes more than that asks something."""


def wished(text: str) -> Wish | None:
    """``nynorsk``, ``In English, please`` → the wish; a question that mentions a language is none.

    With two languages named, or one and the word for it, as in ``språk: nynorsk``, the one that is a language counts;
    two different ones are nobody's guess.
    """
    if len(text) > _LONGEST:
        return None
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text.lower()))
    named = {_NAMES[word] for word in words if word in _NAMES}
    if any(word not in _NAMES and word not in _AROUND for word in words):
        return None
    languages = named - {Wish.ASK}
    forms = languages - {Wish.NORWEGIAN} if languages & {Wish.NB, Wish.NN} else languages
    if len(forms) > 1:
        return Wish.ASK
    return next(iter(forms), Wish.ASK if named else None)
