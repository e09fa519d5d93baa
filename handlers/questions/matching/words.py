"""Text as words: what the rest looks at."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

LONGEST: Final = 3000
"""Letters of a message that are looked at."""
_WORD: Final = re.compile(r"[^\W_]+")
_STRETCHED: Final = re.compile(r"(.)\1{2,}")


def folded(text: str) -> str:
    """One spelling of what looks the same: composed letters, lower case, no apostrophe, no stretched letters."""
    composed = unicodedata.normalize("NFC", text[:LONGEST].replace("\u00ad", "")).lower()
    return _STRETCHED.sub(r"\1\1", composed.replace("'", "").replace("’", ""))


def words(text: str) -> Sequence[str]:
    """The words of a text, in their order."""
    return _WORD.findall(folded(text))
