"""Values on their way into a text: cleaned, and out of reach of Markdown while it looks for structure.

CommonMark 0.31 gives meaning to ASCII punctuation only. Each such character of a value is swapped for one in
the private use area before the text is parsed and swapped back in the finished spans; ``clean`` makes sure
that no value brings such characters along. Unlike a backslash this holds in code and link addresses too.
"""

import string
import unicodedata

_HIDDEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks by category, yet never visible: the joiner and the Hangul and Khmer fillers."""
_REMOVED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_AWAY = {ord(mark): 0xE000 + ord(mark) for mark in string.punctuation}
_BACK = {there: here for here, there in _AWAY.items()}


def clean(value: str) -> str:
    """One line without control, bidirectional, zero-width and other invisible characters."""
    line = " ".join(value.split())
    seen = (sign for sign in line if sign not in _HIDDEN and unicodedata.category(sign) not in _REMOVED)
    return " ".join("".join(seen).split())


def shelter(value: str) -> str:
    """``value`` as something Markdown sees nothing in but letters."""
    return value.translate(_AWAY)


def unshelter(text: str) -> str:
    """The text with its values as they were."""
    return text.translate(_BACK)
