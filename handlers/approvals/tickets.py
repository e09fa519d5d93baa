"""The number that a case has in the organisation's own ticket system: a number, and no room for words. Pure."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 24
_MOST_DIGITS: Final = 10
"""A person number has eleven."""
_NUMBER: Final = re.compile(r"(?:[A-Z]{1,6}[-# ]?|#)?[0-9]{1,8}(?:[-/.][0-9]{1,8})?")


def ticket_of(typed: str) -> str | None:
    """``inc 0012345`` → ``INC 0012345``; nothing for what is no ticket number. Empty takes it away."""
    number = " ".join(unicodedata.normalize("NFKC", typed).upper().split())
    if not number:
        return ""
    if len(number) > LONGEST or not _NUMBER.fullmatch(number):
        return None
    return number if sum(char.isdigit() for char in number) <= _MOST_DIGITS else None
