"""The rules that a login has to pass, pure: what came back, what was asked for, and the time in; a person out.

Their order is that of the checks: nothing of a token is looked at before its signature holds, and nothing of the
person before the token is ours, fresh and of an accepted level (OpenID Connect Core, 3.1.3.7; RFC 9207, 2.4).
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.eid.provider import USERINFO, Provider
from bot.eid.refusals import EidRefused
from bot.jose import Claims
from bot.oidc import checks as oidc
from bot.oidc.checks import LEEWAY
from bot.oidc.metadata import Metadata
from graph.secret import Secret
from handlers.ports import AskedLogin

_ISSUERS_OF_REAL_PEOPLE: Final = frozenset({"https://idporten.no", "https://ansattporten.no"})
_SYNTHETIC_MONTH: Final = 80


def code(query: Sequence[tuple[str, str]], asked: AskedLogin, provider: Provider, metadata: Metadata) -> str:
    """The authorization code in a callback. Raises ``EidRefused``."""
    return oidc.code(query, asked, provider.issuer, names_issuer=metadata.names_issuer)


def login(claims: Claims, asked: AskedLogin, provider: Provider, now: datetime) -> tuple[str, int, datetime]:
    """``acr``, level and time of the login that an id_token tells of. Its signature holds. Raises ``EidRefused``."""
    oidc.for_us(claims, asked, provider.issuer, provider.client_id)
    began, at = int(asked.at.timestamp()), int(now.timestamp())
    oidc.valid(claims, at)
    if oidc.moment(claims, "iat") < began - LEEWAY:
        raise EidRefused("stale-token")
    acr = claims.get("acr")
    if not isinstance(acr, str) or acr not in provider.accept_acr:
        raise EidRefused("acr")
    logged_in = oidc.logged_in_since(claims, began, at)
    return acr, provider.accept_acr[acr], datetime.fromtimestamp(logged_in, tz=now.tzinfo)


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
    if not oidc.text(userinfo, "sub") or userinfo.get("sub") != claims.get("sub"):
        raise EidRefused("userinfo-sub")


def wants_userinfo(provider: Provider) -> bool:
    """Whether any claim we read stands there."""
    return any(name.startswith(USERINFO) for name in (provider.claim, *provider.require))


def _named(name: str, claims: Claims, userinfo: Claims) -> object:
    return userinfo.get(name.removeprefix(USERINFO)) if name.startswith(USERINFO) else claims.get(name)
