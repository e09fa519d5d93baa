"""What is checked of every login, pure. Each raises ``LoginRefused`` with one word.

OpenID Connect Core 1.0, 3.1.3.7; RFC 9207, 2.4.
"""

import re
from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import Final

from bot.jose import Claims
from handlers.ports import AskedLogin, LoginRefused

LEEWAY: Final = 10
"""Seconds that two clocks may differ. A token of ID-porten lives 120 s: more leeway would double its life."""
_LONGEST: Final = 4096
_CODE: Final = re.compile(r"[ -~]+")
"""RFC 6749, A.11."""


def code(query: Sequence[tuple[str, str]], asked: AskedLogin, issuer: str, *, names_issuer: bool) -> str:
    """The authorization code in a callback. ``names_issuer``: the provider says that its answers hold ``iss``.

    ``query`` is what stands in the address, in order: a parameter given twice is refused, since two readers could
    each take another one.
    """
    names = [name for name, _ in query]
    values = dict(query)
    if len(set(names)) != len(names) or any(len(value) > _LONGEST for value in values.values()):
        raise LoginRefused("malformed-callback")
    if not same(values.get("state"), asked.state):
        raise LoginRefused("state")
    told = values.get("iss")
    if told is None and names_issuer:
        raise LoginRefused("no-iss")
    if told is not None and told != issuer:
        raise LoginRefused("wrong-iss")
    if "error" in values:
        raise LoginRefused("denied" if values["error"] == "access_denied" else "provider-error")
    if not _CODE.fullmatch(values.get("code", "")):
        raise LoginRefused("no-code")
    return values["code"]


def for_us(claims: Claims, asked: AskedLogin, issuer: str, client_id: str) -> None:
    """From this issuer, for this client alone (a list of audiences is refused), in answer to this request."""
    if claims.get("iss") != issuer:
        raise LoginRefused("issuer")
    if claims.get("aud") != client_id:
        raise LoginRefused("audience")
    if claims.get("azp", client_id) != client_id:
        raise LoginRefused("azp")
    if not same(claims.get("nonce"), asked.nonce):
        raise LoginRefused("nonce")
    if not text(claims, "sub"):
        raise LoginRefused("no-sub")


def valid(claims: Claims, at: int) -> None:
    """Valid now: not run out, and not made in the future."""
    expires, issued = moment(claims, "exp"), moment(claims, "iat")
    if at >= expires + LEEWAY:
        raise LoginRefused("expired")
    if issued > at + LEEWAY or moment(claims, "nbf", issued) > at + LEEWAY:
        raise LoginRefused("not-yet")


def logged_in_since(claims: Claims, began: int, at: int) -> int:
    """When the person logged in: since the login began. A session that stood open before is no answer."""
    logged_in = moment(claims, "auth_time")
    if not began - LEEWAY <= logged_in <= at + LEEWAY:
        raise LoginRefused("auth-time")
    return logged_in


def same(given: object, ours: str) -> bool:
    """Ours is always ASCII, and only ASCII is compared in constant time (or at all: JSON can hold half a letter)."""
    return isinstance(given, str) and given.isascii() and compare_digest(given, ours)


def moment(claims: Mapping[str, object], name: str, default: int | None = None) -> int:
    """A claim that is a time, in seconds."""
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**40:
        raise LoginRefused(f"no-{name}")
    return int(value)


def text(claims: Claims, name: str) -> str:
    """A claim that is text; nothing where it is anything else."""
    value = claims.get(name)
    return value if isinstance(value, str) else ""
