"""The rules that a sign-in has to pass, pure: a token's claims, what was asked for, and the time in; an account out.

https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
"""

import re
from datetime import datetime
from typing import Final

from bot.jose import Claims
from bot.oidc import checks as oidc
from bot.signin.authority import Authority
from handlers.ports import AskedLogin, LoginRefused, SignedIn

_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CONTEXT: Final = re.compile(r"c[1-9][0-9]?")
_LONGEST_NAME: Final = 256
_MOST: Final = 99


def signed_in(claims: Claims, asked: AskedLogin, authority: Authority, now: datetime) -> SignedIn:
    """Whose sign-in an id_token tells of. Its signature holds. Raises ``LoginRefused``.

    Entra dates its tokens back by five minutes, so that they cannot be held against the beginning of the sign-in;
    ``nonce`` ties them to it, and ``auth_time`` is exact.
    """
    oidc.for_us(claims, asked, authority.issuer, authority.client_id)
    began, at = int(asked.at.timestamp()), int(now.timestamp())
    oidc.valid(claims, at)
    if claims.get("ver") != "2.0":
        raise LoginRefused("version")
    if oidc.text(claims, "tid").lower() != authority.tenant_id.lower():
        raise LoginRefused("tenant")
    account = oidc.text(claims, "oid").lower()
    if not _GUID.fullmatch(account):
        raise LoginRefused("no-oid")
    timed = "auth_time" in claims
    when = oidc.logged_in_since(claims, began, at) if timed else at
    contexts = _contexts(claims)
    context = authority.auth_context
    return SignedIn(
        account=account,
        auth_time=datetime.fromtimestamp(when, tz=now.tzinfo),
        stepped_up=bool(context) and timed and context in (contexts or ()),
        name=oidc.text(claims, "name")[:_LONGEST_NAME],
        contexts=contexts,
        timed=timed,
    )


def _contexts(claims: Claims) -> tuple[str, ...] | None:
    """``acrs``: a list, or one as text."""
    told = claims.get("acrs")
    if told is None:
        return None
    listed = [told] if isinstance(told, str) else told
    if not isinstance(listed, list) or len(listed) > _MOST:
        raise LoginRefused("acrs")
    return tuple(each for each in listed if isinstance(each, str) and _CONTEXT.fullmatch(each))
