"""Cuts out of what people write everything that must not be kept: codes, tokens, person numbers, passes."""

import re
from typing import Final

CUT: Final = "…"

_GAP = r"[\s./\-\u00ad\u200b-\u200d\u2060\ufeff]{0,2}"
_CROCKFORD = "0-9A-HJKMNP-TV-Z"

_PATTERNS: Final = (
    # Slack: xoxb-…, xoxe.xoxp-…, xapp-… (docs.slack.dev/authentication/tokens)
    re.compile(r"(?<![A-Za-z0-9])(?:xox[a-z]|xapp|xwfp)[.-][\w.-]*", re.IGNORECASE),
    # JWT: the header is a JSON object, so it begins with {" in base64url (RFC 7519)
    re.compile(r"(?<![\w-])eyJ[\w-]{4,}(?:\.[\w-]*)*"),
    # an 11-digit number, also in the groups people write: 010190 12345, 01.01.90 123 45
    re.compile(rf"(?<!\d)\d\d{_GAP}\d\d{_GAP}\d\d{_GAP}\d\d\d{_GAP}\d\d(?!\d)"),
    re.compile(r"(?<![\w-])\d{9,}(?![\w-])"),
)
_CLAIM_CODE: Final = re.compile(
    rf"(?<![\w-])[{_CROCKFORD}]{{4}}[-\u2010-\u2014][{_CROCKFORD}]{{4}}(?![\w-])", re.IGNORECASE
)
# A one-time code has 6 to 8 digits. The number after "error" or "feil" is worth keeping, it tells what went wrong;
# a sum (1 234 567) and the fraction of a second are none.
_DIGITS: Final = re.compile(
    r"(?P<error>\b(?:error|feil)\w*[ :#]{1,3}(?:(?:code|kode)\w*[ :#]{1,3})?)?"
    r"(?<![\w-])(?P<code>(?<!\d[ \u00a0])\d{3}[ \u00a0]\d{3}|(?<!:\d\d\.)\d{6,8})(?![\w-])",
    re.IGNORECASE,
)
_PIECE: Final = re.compile(r"[^\s/,;|>()\[\]{}\"'=]{8,}")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_RUN: Final = re.compile(r"[A-Z]?[a-zæøå]+|[A-ZÆØÅ]+|\d+")


def clean(text: str) -> str:
    """``text`` with every code, token, pass and 11-digit number replaced by ``…``. Ordinary words stay.

    A net, not a wall: a pass made of one word looks like one.
    """
    while (cleaned := _once(text)) != text:
        text = cleaned
    return text


def _once(text: str) -> str:
    for pattern in _PATTERNS:
        text = pattern.sub(CUT, text)
    text = _CLAIM_CODE.sub(lambda match: CUT if _is_claim_code(match[0]) else match[0], text)
    text = _DIGITS.sub(lambda match: match[0] if match["error"] else CUT, text)
    return _PIECE.sub(lambda match: CUT if _looks_random(match[0]) else match[0], text)


def _is_claim_code(text: str) -> bool:
    """Not two years, and not two words of four letters: those are written small."""
    letters = any(char.isalpha() for char in text)
    return letters and (text.isupper() or any(char.isdigit() for char in text))


def _looks_random(piece: str) -> bool:
    """Small and capital letters and digits, changing kind at every second character or so.

    ``x4TpQ9rZ`` is, ``Microsoft365`` and ``iPhone15Pro`` are not.
    """
    kinds = (str.islower, str.isupper, str.isdigit)
    if _MAIL.fullmatch(piece) or not all(any(map(kind, piece)) for kind in kinds):
        return False
    runs = _RUN.findall(piece)
    return sum(map(len, runs)) < 2 * len(runs)
