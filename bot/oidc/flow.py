"""The code flow, as far as it is the same everywhere: OpenID Connect Core 1.0, 3.1; PKCE by RFC 7636 (S256 alone)."""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from bot.jose import Claims, TokenRefused, signed_claims
from bot.jose.tokens import key_id
from bot.oidc.metadata import Published
from handlers.ports import AskedLogin, BegunLogin

_BYTES: Final = 32
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def fresh(redirect_uri: str, now: datetime) -> AskedLogin:
    """A new login, with secrets of its own."""
    return AskedLogin(
        state=secrets.token_urlsafe(_BYTES),
        nonce=secrets.token_urlsafe(_BYTES),
        verifier=secrets.token_urlsafe(_BYTES),
        redirect_uri=redirect_uri,
        at=now,
    )


def wanted(asked: AskedLogin, client_id: str, scopes: Sequence[str]) -> dict[str, str]:
    """What is asked of every provider."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest())
    return {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": asked.redirect_uri,
        "scope": " ".join(scopes),
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        # A session that somebody else left open at the provider must not answer for who sits here now.
        "prompt": "login",
    }


def begun(endpoint: str, parameters: Mapping[str, str], asked: AskedLogin) -> BegunLogin:
    """Where the browser goes."""
    joint = "&" if urlsplit(endpoint).query else "?"
    return BegunLogin(f"{endpoint}{joint}{urlencode(parameters)}", asked)


def exchange(code: str, asked: AskedLogin) -> dict[str, str]:
    """What is sent for tokens."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": asked.redirect_uri,
        "code_verifier": asked.verifier,
    }


async def claims_of(id_token: object, published: Published) -> Claims:
    """The claims of a token that one of the provider's keys signed. Raises ``TokenRefused`` or ``OutsideError``."""
    kid = key_id(id_token)
    key = await published.keys.get(kid)
    if key is None:
        raise TokenRefused("unknown-kid")
    return signed_claims(str(id_token), key)
