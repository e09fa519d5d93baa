"""What can be made to go wrong with a sign-in, by name; any number of things at once."""

import secrets
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, Self

from bot.sandbox.eid.keys import Key
from bot.sandbox.world import guid

Claims = dict[str, Any]
_HOUR: Final = 3600


class SignInFault(StrEnum):
    """A way in which Entra, or somebody between it and us, misbehaves. ``says`` tells it in one line."""

    says: str

    def __new__(cls, name: str, says: str) -> Self:
        """A name with its line."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.says = says
        return member

    WRONG_TID = "wrong_tid", "The account is in another tenant."
    MISSING_OID = "missing_oid", "The token does not name the account."
    OID_NO_GUID = "oid_no_guid", "The account is named by its address."
    OTHER_USER = "other_user", "The token is about somebody else."
    STALE_AUTH_TIME = "stale_auth_time", "The person signed in an hour ago."
    FUTURE_AUTH_TIME = "future_auth_time", "The person will sign in in an hour."
    MISSING_AUTH_TIME = "missing_auth_time", "The token does not say when the person signed in."
    TEXT_AUTH_TIME = "text_auth_time", "The time of the sign-in is text."
    MISSING_ACRS = "missing_acrs", "The token says nothing of authentication contexts."
    OTHER_ACRS = "other_acrs", "The sign-in held another authentication context."
    ACRS_OBJECT = "acrs_object", "The authentication contexts are neither a list nor text."
    ACRS_TEXT = "acrs_text", "The one authentication context is text, and no list."
    EXPIRED = "expired", "The token ran out a minute ago."
    FUTURE_TOKEN = "future_token", "The token will be made in an hour."
    WRONG_ISS = "wrong_iss", "The token names another issuer."
    WRONG_AUD = "wrong_aud", "The token is for another application."
    AUD_LIST = "aud_list", "The token is for two applications."
    WRONG_NONCE = "wrong_nonce", "The token answers another request."
    MISSING_NONCE = "missing_nonce", "The token answers no request in particular."
    VERSION_1 = "version_1", "The token is of the first version."
    BAD_SIGNATURE = "bad_signature", "The token is signed with somebody else's key under Entra's id."
    ALG_NONE = "alg_none", "The token is not signed, and says so."
    ALG_HS256 = "alg_hs256", "The token is signed with the public key as a password."
    UNKNOWN_KID = "unknown_kid", "The token names a key that is not published."
    NO_ID_TOKEN = "no_id_token", "The token answer has no id_token."
    TOKEN_DOWN = "token_down", "The token endpoint is out of order."
    TOKEN_REDIRECT = "token_redirect", "The token endpoint sends us elsewhere."
    KEYS_DOWN = "keys_down", "The keys cannot be had."
    METADATA_DOWN = "metadata_down", "The metadata cannot be had."
    METADATA_OTHER_ISSUER = "metadata_other_issuer", "The metadata is another issuer's."
    METADATA_FOREIGN_KEYS = "metadata_foreign_keys", "The keys lie on a foreign host."
    METADATA_FOREIGN_PAGE = "metadata_foreign_page", "The sign-in page lies on a foreign host."
    WRONG_STATE = "wrong_state", "The answer belongs to another request."
    CODE_TWICE = "code_twice", "The answer has two codes."
    WRONG_ISS_PARAM = "wrong_iss_param", "The answer comes from another provider."


def spoilt(claims: Claims, faults: set[SignInFault]) -> Claims:
    """The claims with what is wrong with them now."""
    found = dict(claims)
    for fault in SignInFault:
        if fault in faults and fault in _SPOIL:
            _SPOIL[fault](found)
    return found


def signed(claims: Claims, faults: set[SignInFault], key: Key, foreign: Key) -> str:
    """The token, with what is wrong with its signature now."""
    if SignInFault.ALG_NONE in faults:
        return f"{key.unsigned(claims, alg='none')}."
    if SignInFault.ALG_HS256 in faults:
        return key.signed_as_password(claims)
    if SignInFault.UNKNOWN_KID in faults:
        return key.signed(claims, kid=secrets.token_urlsafe(8))
    if SignInFault.BAD_SIGNATURE in faults:
        return Key(foreign.private, key.kid).signed(claims)
    return key.signed(claims, typ="JWT")


def _set(name: str, value: object) -> Callable[[Claims], None]:
    return lambda claims: claims.update({name: value})


def _without(name: str) -> Callable[[Claims], None]:
    return lambda claims: claims.pop(name, None)


def _change(name: str, change: Callable[[Any], object]) -> Callable[[Claims], None]:
    return lambda claims: claims.update({name: change(claims[name])}) if name in claims else None


_SPOIL: Final[Mapping[SignInFault, Callable[[Claims], None]]] = {
    SignInFault.WRONG_TID: _set("tid", guid("tenant", "elsewhere")),
    SignInFault.MISSING_OID: _without("oid"),
    SignInFault.OID_NO_GUID: _change("oid", lambda _: "somebody@fjordheim.example"),
    SignInFault.OTHER_USER: _set("oid", guid("account", "somebody else")),
    SignInFault.STALE_AUTH_TIME: _change("auth_time", lambda at: at - _HOUR),
    SignInFault.FUTURE_AUTH_TIME: _change("auth_time", lambda at: at + _HOUR),
    SignInFault.MISSING_AUTH_TIME: _without("auth_time"),
    SignInFault.TEXT_AUTH_TIME: _change("auth_time", str),
    SignInFault.MISSING_ACRS: _without("acrs"),
    SignInFault.OTHER_ACRS: _set("acrs", ["c98"]),
    SignInFault.ACRS_OBJECT: _change("acrs", lambda acrs: dict.fromkeys(acrs, True)),
    SignInFault.ACRS_TEXT: _change("acrs", lambda acrs: acrs[0]),
    SignInFault.EXPIRED: lambda claims: claims.update({"exp": claims["iat"] + 240}),
    SignInFault.FUTURE_TOKEN: _change("iat", lambda at: at + _HOUR),
    SignInFault.WRONG_ISS: _set("iss", "https://idp.example/v2.0"),
    SignInFault.WRONG_AUD: _set("aud", guid("application", "somebody else")),
    SignInFault.AUD_LIST: _change("aud", lambda aud: [aud, guid("application", "somebody else")]),
    SignInFault.WRONG_NONCE: lambda claims: claims.update({"nonce": secrets.token_urlsafe(32)}),
    SignInFault.MISSING_NONCE: _without("nonce"),
    SignInFault.VERSION_1: _set("ver", "1.0"),
}
