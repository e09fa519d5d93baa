"""The rules that a login has to pass, pure: what came back, what was asked for, and the time in; a person out.

Their order is that of the checks: nothing of a token is looked at before its signature holds, and nothing of the
person before the token is ours, fresh and of an accepted level (OpenID Connect Core, 3.1.3.7; RFC 9207, 2.4).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Final

from bot.eid.metadata import Metadata
from bot.eid.provider import USERINFO, Provider
from bot.eid.refusals import EidRefused
from bot.jose import Claims
from graph.secret import Secret
from handlers.ports import AskedLogin

LEEWAY: Final = 10
"""Seconds that two clocks may differ. A token of ID-porten lives 120 s: more leeway would double its life."""
_ISSUERS_OF_REAL_PEOPLE: Final = frozenset({"https://idporten.no", "https://ansattporten.no"})
_SYNTHETIC_MONTH: Final = 80
_LONGEST: Final = 4096
_CODE: Final = re.compile(r"[ -~]+")
"""RFC 6749, A.11."""


def code(query: Sequence[tuple[str, str]], asked: AskedLogin, provider: Provider, metadata: Metadata) -> str:
    """The authorization code in a callback. Raises ``EidRefused``.

    ``query`` is what stands in the address, in order: a parameter given twice is refused, since two readers could
    each take another one.
    """
    names = [name for name, _ in query]
    values = dict(query)
    if len(set(names)) != len(names) or any(len(value) > _LONGEST for value in values.values()):
        raise EidRefused("malformed-callback")
    if not _same(values.get("state"), asked.state):
        raise EidRefused("state")
    issuer = values.get("iss")
    if issuer is None and metadata.names_issuer:
        raise EidRefused("no-iss")
    if issuer is not None and issuer != provider.issuer:
        raise EidRefused("wrong-iss")
    if "error" in values:
        raise EidRefused("denied" if values["error"] == "access_denied" else "provider-error")
    if not _CODE.fullmatch(values.get("code", "")):
        raise EidRefused("no-code")
    return values["code"]


def login(claims: Claims, asked: AskedLogin, provider: Provider, now: datetime) -> tuple[str, int, datetime]:
    """``acr``, level and time of the login that an id_token tells of. Its signature holds. Raises ``EidRefused``."""
    _for_us(claims, asked, provider)
    began, at = int(asked.at.timestamp()), int(now.timestamp())
    _timely(claims, began, at)
    acr = claims.get("acr")
    if not isinstance(acr, str) or acr not in provider.accept_acr:
        raise EidRefused("acr")
    logged_in = _moment(claims, "auth_time")
    if not began - LEEWAY <= logged_in <= at + LEEWAY:
        raise EidRefused("auth-time")
    return acr, provider.accept_acr[acr], datetime.fromtimestamp(logged_in, tz=now.tzinfo)


def _for_us(claims: Claims, asked: AskedLogin, provider: Provider) -> None:
    """From this provider, for this client alone (a list of audiences is refused), in answer to this request."""
    if claims.get("iss") != provider.issuer:
        raise EidRefused("issuer")
    if claims.get("aud") != provider.client_id:
        raise EidRefused("audience")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise EidRefused("azp")
    if not _same(claims.get("nonce"), asked.nonce):
        raise EidRefused("nonce")
    if not _text(claims, "sub"):
        raise EidRefused("no-sub")


def _timely(claims: Claims, began: int, at: int) -> None:
    """Made since the login began, and valid now."""
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    if at >= expires + LEEWAY:
        raise EidRefused("expired")
    if issued > at + LEEWAY or _moment(claims, "nbf", issued) > at + LEEWAY:
        raise EidRefused("not-yet")
    if issued < began - LEEWAY:
        raise EidRefused("stale-token")


def required(provider: Provider, claims: Claims, userinfo: Claims) -> None:
    """Every claim that the settings require holds one of its values. Raises ``EidRefused``."""
    for name, allowed in provider.require.items():
        value = _named(name, claims, userinfo)
        if not isinstance(value, str) or value not in allowed:
            raise EidRefused("required-claim")


def number(provider: Provider, claims: Claims, userinfo: Claims) -> Secret:
    """The person number: eleven digits as text, judged no further: its inner rules change in 2032 (Skatteetaten).

    A synthetic number (month + 80) is nobody's at a provider of real people. Raises ``EidRefused``.
    """
    value = _named(provider.claim, claims, userinfo)
    if not isinstance(value, str) or not re.fullmatch("[0-9]{11}", value):
        raise EidRefused("number-form")
    if provider.issuer in _ISSUERS_OF_REAL_PEOPLE and int(value[2:4]) > _SYNTHETIC_MONTH:
        raise EidRefused("synthetic-number")
    return Secret(value)


def same_subject(claims: Claims, userinfo: Claims) -> None:
    """The userinfo is of the same login (OpenID Connect Core, 5.3.2). Raises ``EidRefused``."""
    if not _text(userinfo, "sub") or userinfo.get("sub") != claims.get("sub"):
        raise EidRefused("userinfo-sub")


def wants_userinfo(provider: Provider) -> bool:
    """Whether any claim we read stands there."""
    return any(name.startswith(USERINFO) for name in (provider.claim, *provider.require))


def _same(given: object, ours: str) -> bool:
    """Ours is always ASCII, and only ASCII is compared in constant time (or at all: JSON can hold half a letter)."""
    return isinstance(given, str) and given.isascii() and compare_digest(given, ours)


def _named(name: str, claims: Claims, userinfo: Claims) -> object:
    return userinfo.get(name.removeprefix(USERINFO)) if name.startswith(USERINFO) else claims.get(name)


def _moment(claims: Mapping[str, object], name: str, default: int | None = None) -> int:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**40:
        raise EidRefused(f"no-{name}")
    return int(value)


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
