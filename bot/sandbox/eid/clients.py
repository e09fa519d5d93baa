"""Whether it is the client that asks: by the one method it is registered with (OpenID Connect Core 1.0, 9)."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hmac import compare_digest
from typing import Final
from urllib.parse import unquote_plus

import aiohttp
from aiohttp import web

from bot.sandbox.eid.journal import Journal
from bot.sandbox.eid.keys import BadSignature, Json, verified
from bot.sandbox.eid.records import Refused, Registration
from bot.settings.eid import ClientAuth
from handlers.ports import Clock

_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_LIFE: Final = timedelta(seconds=120)
_PATIENCE: Final = aiohttp.ClientTimeout(total=5)


@dataclass
class Clients:
    """The registered clients. ``issuer`` is the audience that assertions must have."""

    clock: Clock
    journal: Journal
    issuer: str = ""
    registered: dict[str, Registration] = field(default_factory=dict)
    _spent: set[tuple[str, str]] = field(default_factory=set)

    def named(self, client_id: str) -> Registration:
        """The client of this id."""
        if client_id not in self.registered:
            raise Refused("unauthorized_client", "The client is not registered.")
        return self.registered[client_id]

    async def authenticated(self, request: web.Request, form: Mapping[str, str]) -> Registration:
        """The client that proves itself in this request."""
        basic = request.headers.get("Authorization")
        used = [
            *([ClientAuth.CLIENT_SECRET_BASIC] if basic is not None else []),
            *([ClientAuth.CLIENT_SECRET_POST] if "client_secret" in form else []),
            *([ClientAuth.PRIVATE_KEY_JWT] if "client_assertion" in form else []),
        ]
        client = self.registered.get(form.get("client_id", ""))
        if client is None:
            # ID-porten wants the id in the form besides whatever proves it.
            raise _no_client("The client_id is missing or unknown.")
        if used != [client.auth]:
            raise _no_client(f"The client is registered with {client.auth} alone.")
        match client.auth:
            case ClientAuth.PRIVATE_KEY_JWT:
                await self._check_assertion(client, form)
            case ClientAuth.CLIENT_SECRET_POST:
                _check_secret(client, form["client_secret"])
            case ClientAuth.CLIENT_SECRET_BASIC:
                _check_basic(client, basic or "")
        return client

    async def _check_assertion(self, client: Registration, form: Mapping[str, str]) -> None:
        """RFC 7523, 3. The audience is the issuer alone, not the token endpoint's address."""
        assertion = form["client_assertion"]
        if form.get("client_assertion_type") != _ASSERTION:
            raise _no_client("The client_assertion_type is not known.")
        try:
            claims = verified(assertion, await self._keys(client))
        except BadSignature:
            # Unlike the real one, this repeats what it was sent: a client that shows what it is told is found out.
            raise _no_client(f"The signature of {assertion} does not hold.") from None
        if not claims.get("iss") == claims.get("sub") == client.client_id:
            raise _no_client("The assertion names another client.")
        if claims.get("aud") != self.issuer:
            raise _no_client("The assertion is for somebody else.")
        self._check_times(claims)
        self._spend(client, claims.get("jti"))

    def _check_times(self, claims: Json) -> None:
        made, ends, now = claims.get("iat"), claims.get("exp"), self.clock.now().timestamp()
        if not isinstance(made, int) or not isinstance(ends, int):
            raise _no_client("The assertion has no times.")
        if not made - 10 <= now < ends or ends - made > _LONGEST_LIFE.total_seconds():
            raise _no_client("The assertion is too old, too new or too long-lived.")

    def _spend(self, client: Registration, jti: object) -> None:
        if not isinstance(jti, str) or not jti:
            raise _no_client("The assertion has no jti.")
        self.journal.assertions.append(jti)
        if (client.client_id, jti) in self._spent:
            raise _no_client("The assertion was used before.")
        self._spent.add((client.client_id, jti))

    async def _keys(self, client: Registration) -> Sequence[Json]:
        if client.jwks_uri is None:
            return client.keys
        try:
            async with (
                aiohttp.ClientSession(timeout=_PATIENCE) as session,
                session.get(client.jwks_uri, allow_redirects=False) as answer,
            ):
                keys = (await answer.json())["keys"]
        except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError):
            raise _no_client("The client's keys cannot be had.") from None
        return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []


def _check_secret(client: Registration, secret: str) -> None:
    if not client.secret or not compare_digest(secret.encode(), client.secret.encode()):
        raise _no_client(f"The secret {secret} is not right.")


def _check_basic(client: Registration, header: str) -> None:
    """RFC 6749, 2.3.1: both halves are form-encoded before they are joined."""
    scheme, _, pair = header.partition(" ")
    try:
        name, colon, secret = base64.b64decode(pair, validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _no_client("The header cannot be read.") from None
    if scheme.lower() != "basic" or not colon or unquote_plus(name) != client.client_id:
        raise _no_client("The header names another client.")
    _check_secret(client, unquote_plus(secret))


def _no_client(words: str) -> Refused:
    return Refused("invalid_client", words, status=401)
