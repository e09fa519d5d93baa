"""Greetings, thanks and the like, which are answered in kind: short messages that hold nothing else."""

from collections.abc import Sequence
from typing import Final, Literal

_THANKS: Final = frozenset(
    "thanks thank thx ty cheers takk takker takkar tusen hjertelig hjarteleg mange taknemlig".split()
)
_GREETING: Final = frozenset(
    "hi hello hey hiya morning afternoon evening hei heisann hallo hallaien halla heia morn god morgen dag kveld "
    "ettermiddag good bye goodbye ha det bra hade helg weekend natt night velkommen welcome".split()
)
_FILLING: Final = frozenset(
    "you so much very for the help hjelpen hjelpa hjelp det den på dere dykk deg alle all everyone there bot tofaktor "
    "again igjen and og a great fint nice perfect perfekt supert super bra flott ok okay da då now no nå".split()
)
_LONGEST: Final = 6


def small_talk(said: Sequence[str]) -> Literal["thanks", "greeting"] | None:
    """What kind it is, when every word of the message belongs to it."""
    if not 0 < len(said) <= _LONGEST:
        return None
    meant = [word for word in said if word not in _FILLING]
    if not meant or not all(word in _THANKS or word in _GREETING for word in meant):
        return None
    return "thanks" if any(word in _THANKS for word in meant) else "greeting"
