"""A token that somebody else signed: taken apart, and believed only where the signature holds."""

from collections.abc import Mapping
from typing import Final

import jwt
from jwt.types import Options

LONGEST: Final = 16 * 1024
"""Characters. A header with a certificate in it has some 1,400."""
ALGORITHM: Final = "RS256"
"""Pinned: what a provider's metadata lists never widens it (RFC 8725, 3.1)."""

Claims = Mapping[str, object]


class TokenRefused(Exception):
    """The token is not to be believed. ``reason`` is one word for logs; nothing of the token is in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def key_id(token: object) -> str:
    """The ``kid`` of a token's header, once the header is one that may be checked at all.

    A key in the header itself (``jwk``, ``jku``, ``x5c``, ``x5u``) is never read. Raises ``TokenRefused``.
    """
    if not isinstance(token, str) or not token.isascii() or len(token) > LONGEST or token.count(".") != 2:
        raise TokenRefused("malformed")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise TokenRefused("malformed") from None
    if header.get("alg") != ALGORITHM:
        raise TokenRefused("algorithm")
    if "crit" in header:
        raise TokenRefused("critical")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise TokenRefused("no-kid")
    return kid


def signed_claims(token: str, key: jwt.PyJWK) -> Claims:
    """The claims of a token that ``key`` signed. Nothing but the signature is judged here.

    Raises ``TokenRefused``. Times are left to the caller, who has the one clock.
    """
    nothing_else: Options = {
        "verify_signature": True,
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "verify_aud": False,
        "verify_iss": False,
        "verify_sub": False,
        "verify_jti": False,
    }
    try:
        return jwt.decode(token, key.key, algorithms=[ALGORITHM], options=nothing_else)
    except jwt.InvalidSignatureError:
        raise TokenRefused("signature") from None
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise TokenRefused("malformed") from None
