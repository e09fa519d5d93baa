"""The code flow with one provider: out to its login page, and back with an identity or a refusal.

OpenID Connect Core 1.0, 3.1; PKCE by RFC 7636 (S256 alone); pushed requests by RFC 9126 where the provider takes them.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from bot.eid import checks
from bot.eid.metadata import Metadata, Published
from bot.eid.provider import ClientAuth, Provider
from bot.eid.refusals import EidRefused, EidUnavailable
from bot.jose import Claims, TokenRefused, signed_claims
from bot.jose.tokens import key_id
from bot.outside import BadAnswer, JsonObject, NoAnswer, OutsideError, ask
from graph.secret import Secret
from handlers.ports import AskedLogin, BegunLogin, Identity

_BYTES: Final = 32


@dataclass(frozen=True)
class EidClient:
    """One provider's login. Keeps no state of any login: the caller keeps ``AskedLogin``, for one use.

    Neither code, token nor number is ever logged; refusals carry one word.
    """

    provider: Provider
    published: Published
    client: httpx.AsyncClient

    async def begin(self, redirect_uri: str, locales: Sequence[str], now: datetime) -> BegunLogin:
        """A fresh login. Raises ``EidUnavailable`` when the provider cannot be asked."""
        asked = AskedLogin(
            state=secrets.token_urlsafe(_BYTES),
            nonce=secrets.token_urlsafe(_BYTES),
            verifier=secrets.token_urlsafe(_BYTES),
            redirect_uri=redirect_uri,
            at=now,
        )
        wanted = self._wanted(asked, locales)
        try:
            metadata = await self.published.metadata()
            if metadata.pushed is not None:
                wanted = await self._pushed(metadata.pushed, wanted, now)
        except OutsideError as error:
            raise EidUnavailable(type(error).__name__) from None
        joint = "&" if urlsplit(metadata.authorization).query else "?"
        return BegunLogin(f"{metadata.authorization}{joint}{urlencode(wanted)}", asked)

    async def end(self, query: Sequence[tuple[str, str]], asked: AskedLogin, now: datetime) -> Identity:
        """What the callback's address holds, made into an identity.

        Raises ``EidRefused`` for what is not to be believed and ``EidUnavailable`` when nobody can tell.
        """
        try:
            metadata = await self.published.metadata()
            code = checks.code(query, asked, self.provider, metadata)
            answer = await self._exchange(metadata, code, asked, now)
            claims = await self._claims(answer.get("id_token"))
            acr, level, at = checks.login(claims, asked, self.provider, now)
            userinfo = await self._userinfo(metadata, answer, claims)
        except NoAnswer as error:
            raise EidUnavailable(type(error).__name__) from None
        except BadAnswer:
            raise EidRefused("bad-answer") from None
        except TokenRefused as refused:
            raise EidRefused(f"token-{refused.reason}") from None
        checks.required(self.provider, claims, userinfo)
        number = checks.number(self.provider, claims, userinfo)
        return Identity(self.provider.issuer, acr, level, at, number)

    def _wanted(self, asked: AskedLogin, locales: Sequence[str]) -> dict[str, str]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest())
        wanted = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": asked.redirect_uri,
            "scope": " ".join(self.provider.scopes),
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            # A session that somebody else left open at the provider must not answer for who sits here now.
            "prompt": "login",
            "acr_values": " ".join(self.provider.acr_values),
            "ui_locales": " ".join(locales),
        }
        return {name: value for name, value in wanted.items() if value}

    async def _pushed(self, endpoint: str, wanted: Mapping[str, str], now: datetime) -> dict[str, str]:
        """Hand the request over directly; the browser then carries nothing but a reference to it."""
        answer = await self._post(endpoint, wanted, now)
        reference = answer.get("request_uri")
        if not isinstance(reference, str) or not reference:
            raise BadAnswer("no request_uri")
        return {"client_id": self.provider.client_id, "request_uri": reference}

    async def _exchange(self, metadata: Metadata, code: str, asked: AskedLogin, now: datetime) -> JsonObject:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.redirect_uri,
            "code_verifier": asked.verifier,
        }
        return await self._post(metadata.token, form, now)

    async def _post(self, endpoint: str, form: Mapping[str, str], now: datetime) -> JsonObject:
        """A request in our own name: a code is sent once, whatever comes back."""
        provider = self.provider
        # RFC 7523 names the client by the assertion alone; ID-porten wants client_id in the body besides.
        body = {**form, "client_id": provider.client_id}
        headers = {"Accept": "application/json"}
        match provider.client_auth:
            case ClientAuth.PRIVATE_KEY_JWT:
                assertion = provider.keys[0].assertion(provider.client_id, provider.issuer, now)
                body["client_assertion"] = assertion
                body["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            case ClientAuth.CLIENT_SECRET_POST:
                body["client_secret"] = _revealed(provider.secret)
            case ClientAuth.CLIENT_SECRET_BASIC:
                headers["Authorization"] = _basic(provider.client_id, _revealed(provider.secret))
        return await ask(self.client, self.client.build_request("POST", endpoint, data=body, headers=headers))

    async def _claims(self, id_token: object) -> Claims:
        kid = key_id(id_token)
        key = await self.published.keys.get(kid)
        if key is None:
            raise TokenRefused("unknown-kid")
        return signed_claims(str(id_token), key)

    async def _userinfo(self, metadata: Metadata, answer: JsonObject, claims: Claims) -> Claims:
        if not checks.wants_userinfo(self.provider):
            return {}
        token = answer.get("access_token")
        if metadata.userinfo is None or not isinstance(token, str) or not token.isascii():
            raise EidRefused("no-userinfo")
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        userinfo = await ask(
            self.client, self.client.build_request("GET", metadata.userinfo, headers=headers)
        )
        checks.same_subject(claims, userinfo)
        return userinfo


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749, 2.3.1: both halves are form-encoded first."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
