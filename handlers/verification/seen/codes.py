"""Claim codes as people read and type them."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from handlers.records import Claim

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing that is misheard or misread. Eight of them are 40 bits (NIST SP 800-63B-4, 4.1.2)."""
_LENGTH: Final = 8


@dataclass(frozen=True)
class Code:
    """A claim code, in clear only here, and when it ends."""

    case: str
    code: str = field(repr=False)
    expires_at: datetime


def new() -> str:
    """A fresh code."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def spoken(code: str) -> str:
    """A code as it is shown and read out."""
    return f"{code[:4]}-{code[4:]}"


def normal(typed: str) -> str:
    """A code as it was meant: Crockford's base 32 reads O as 0, I and L as 1; case and separators don't count."""
    letters = typed.upper().translate(str.maketrans("OIL", "011"))
    return "".join(letter for letter in letters if letter in _ALPHABET)


def looked_up(code: str) -> bytes:
    """What is signed to find a code again: keyed, since 40 bits could be searched by whoever has the table."""
    return f"claim:{code}".encode()


def facts(code: str, claim: Claim) -> bytes:
    """What is signed of that which a code stands for."""
    told = (claim.case, claim.route, claim.attester, claim.detail)
    return "\x1f".join(("claim", code, *told)).encode()
