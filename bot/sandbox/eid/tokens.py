"""The id_token and the userinfo as they should be, and as each fault spoils them."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from bot.sandbox.eid.faults import Fault
from bot.sandbox.eid.keys import Key, encoded, lasting
from bot.sandbox.eid.records import LIFE, Grant

Claims = dict[str, Any]

_HOUR: Final = 3600
_ANOTHER_CLIENT: Final = "somebody-else"
_HEADER_WITH_CERTIFICATE: Final = 1342
"""Characters of the encoded header in ID-porten's own example."""
_ARABIC: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def true_claims(grant: Grant, *, issuer: str, subject: str, now: datetime) -> Claims:
    """What an id_token says when nothing is wrong."""
    made = int(now.timestamp())
    claims: Claims = {
        "iss": issuer,
        "aud": grant.asked.client.client_id,
        "sub": subject,
        "acr": str(grant.session.level),
        "amr": ["TestID"],
        "auth_time": int(grant.session.at.timestamp()),
        "iat": made,
        "exp": made + int(LIFE.total_seconds()),
        "jti": secrets.token_urlsafe(16),
        "nonce": grant.asked.nonce,
        "locale": grant.asked.locale,
        "sid": grant.session.sid,
    }
    return claims if grant.asked.client.number_in_userinfo else claims | {"pid": grant.session.number}


def spoilt(claims: Claims, faults: set[Fault]) -> Claims:
    """The same with what is wrong with it now."""
    spoilt = dict(claims)
    for fault in Fault:
        if fault in faults and fault in _SPOIL:
            _SPOIL[fault](spoilt)
        if fault in faults and fault in _SPOIL_NUMBER and "pid" in spoilt:
            _SPOIL_NUMBER[fault](spoilt)
    return spoilt


def userinfo(grant: Grant, subject: str, faults: set[Fault]) -> Claims:
    """What the userinfo endpoint says, with what is wrong with it now."""
    told: Claims = {"sub": subject}
    if grant.asked.client.number_in_userinfo:
        told["pid"] = grant.session.number
    if Fault.USERINFO_OTHER_SUB in faults:
        told["sub"] = subject[::-1]
    if Fault.USERINFO_WITHOUT_SUB in faults:
        del told["sub"]
    return spoilt(told, faults & _SPOIL_NUMBER.keys())


@dataclass
class Signing:
    """The provider's keys: the one in use, the one after a rotation, and one that it does not know."""

    first: Key = field(default_factory=lambda: lasting("sandbox-1"))

    @cached_property
    def second(self) -> Key:
        """Made when it is first needed: that takes a moment."""
        return Key.new("sandbox-2")

    @cached_property
    def foreign(self) -> Key:
        """Somebody else's."""
        return Key.new("foreign")

    def current(self, faults: set[Fault]) -> Key:
        """The key that signs."""
        return self.second if Fault.ROTATED in faults else self.first

    def published(self, faults: set[Fault]) -> list[Mapping[str, str]]:
        """What the key set holds."""
        if Fault.JWKS_EMPTY in faults:
            return []
        key = self.current(faults)
        same_name = [{**self.foreign.public, "kid": key.kid}] if Fault.DUPLICATE_KID in faults else []
        return [key.public, *same_name]

    def signed(self, claims: Claims, faults: set[Fault], issuer: str) -> str:
        """The token, with what is wrong with its signature now; of several faults the first in the list."""
        key = self.current(faults)
        spoils = self._spoils(claims, key, issuer)
        wrong = next((spoils[fault] for fault in Fault if fault in faults and fault in spoils), None)
        return wrong() if wrong else key.signed(claims)

    def _spoils(self, claims: Claims, key: Key, issuer: str) -> Mapping[Fault, Callable[[], str]]:
        def impostor() -> Key:
            return Key(self.foreign.private, key.kid)

        elsewhere = f"{issuer}/foreign-jwks"
        return {
            Fault.ALG_NONE: lambda: f"{key.unsigned(claims, alg='none')}.",
            Fault.METADATA_LISTS_NONE: lambda: f"{key.unsigned(claims, alg='none')}.",
            Fault.ALG_HS256_WITH_PUBLIC_KEY: lambda: key.signed_as_password(claims),
            Fault.UNKNOWN_KID: lambda: key.signed(claims, kid=secrets.token_urlsafe(8)),
            Fault.NO_KID: lambda: key.signed(claims, kid=None),
            Fault.BAD_SIGNATURE: lambda: impostor().signed(claims),
            Fault.NO_SIGNATURE: lambda: f"{key.unsigned(claims)}.",
            Fault.KEY_IN_HEADER: lambda: impostor().signed(claims, jwk=impostor().public),
            Fault.KEY_ADDRESS_IN_HEADER: lambda: impostor().signed(claims, jku=elsewhere, x5u=elsewhere),
            Fault.CRIT_HEADER: lambda: key.signed(claims, crit=["exp"], exp=claims.get("exp")),
            Fault.ENCRYPTED_TOKEN: _encrypted,
            Fault.X5C_HEADER: lambda: key.signed(claims, x5c=[_certificate(key)]),
        }


def _encrypted() -> str:
    header = encoded(json.dumps({"alg": "RSA-OAEP-256", "enc": "A256GCM"}).encode())
    return ".".join([header, *(encoded(secrets.token_bytes(length)) for length in (256, 12, 400, 16))])


def _certificate(key: Key) -> str:
    """As many characters as make the header as long as ID-porten's. Nobody is to read them."""
    bare = len(json.dumps({"alg": "RS256", "kid": key.kid, "x5c": [""]}))
    return "M" * (_HEADER_WITH_CERTIFICATE * 3 // 4 - bare)


def _set(name: str, value: object) -> Callable[[Claims], None]:
    return lambda claims: claims.update({name: value})


def _without(name: str) -> Callable[[Claims], None]:
    return lambda claims: claims.pop(name, None)


def _change(name: str, change: Callable[[Any], object]) -> Callable[[Claims], None]:
    return lambda claims: claims.update({name: change(claims[name])})


_SPOIL: Final[Mapping[Fault, Callable[[Claims], None]]] = {
    Fault.STALE_AUTH: _change("auth_time", lambda at: at - _HOUR),
    Fault.MISSING_AUTH_TIME: _without("auth_time"),
    Fault.FUTURE_AUTH_TIME: _change("auth_time", lambda at: at + _HOUR),
    Fault.EXPIRED_TOKEN: lambda claims: claims.update({"exp": claims["iat"] - 60}),
    Fault.MISSING_EXP: _without("exp"),
    Fault.TEXT_EXP: _change("exp", str),
    Fault.FUTURE_IAT: lambda claims: claims.update(
        {"iat": claims["iat"] + _HOUR, "exp": claims["exp"] + _HOUR}
    ),
    Fault.OLD_IAT: _change("iat", lambda at: at - _HOUR),
    Fault.MISSING_IAT: _without("iat"),
    Fault.FUTURE_NBF: lambda claims: claims.update({"nbf": claims["iat"] + _HOUR}),
    Fault.WRONG_NONCE: lambda claims: claims.update({"nonce": secrets.token_urlsafe(32)}),
    Fault.MISSING_NONCE: _without("nonce"),
    Fault.WRONG_ISS: _set("iss", "https://idp.example"),
    Fault.WRONG_AUD: _set("aud", _ANOTHER_CLIENT),
    Fault.AUD_LIST_WITH_AZP: lambda claims: claims.update(
        {"aud": [claims["aud"], _ANOTHER_CLIENT], "azp": claims["aud"]}
    ),
    Fault.AUD_LIST_OF_ONE: _change("aud", lambda client: [client]),
    Fault.WRONG_AZP: _set("azp", _ANOTHER_CLIENT),
    Fault.MISSING_SUB: _without("sub"),
    Fault.WRONG_ACR: _set("acr", "selfregistered-email"),
    Fault.MISSING_ACR: _without("acr"),
    Fault.LOW_ACR: _set("acr", "idporten-loa-low"),
    Fault.ACR_LIST: _change("acr", lambda acr: [acr]),
    Fault.AMR_STRING: _set("amr", "TestID"),
}

_SPOIL_NUMBER: Final[Mapping[Fault, Callable[[Claims], None]]] = {
    Fault.MISSING_PID: _without("pid"),
    Fault.PID_WITH_LETTERS: _change("pid", lambda pid: f"{pid[:9]}ab"),
    Fault.PID_WITH_NEWLINE: _change("pid", lambda pid: f"{pid}\n"),
    Fault.PID_AS_NUMBER: _change("pid", int),
    Fault.PID_TOO_SHORT: _change("pid", lambda pid: pid[1:]),
    Fault.PID_OF_OTHER_DIGITS: _change("pid", lambda pid: pid.translate(_ARABIC)),
    Fault.OTHER_PID: _set("pid", "13890099990"),
}
