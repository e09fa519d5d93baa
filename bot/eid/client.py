"""The code flow with one provider: out to its login page, and back with an identity or a refusal.

OpenID Connect Core 1.0, 3.1; PKCE by RFC 7636 (S256 alone); pushed requests by RFC 9126 where the provider takes them.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote_plus

import httpx

from bot.eid import checks
from bot.eid.provider import ClientAuth, Provider
from bot.eid.refusals import EidRefused, EidUnavailable
from bot.jose import Claims, TokenRefused
from bot.oidc import flow
from bot.oidc.metadata import Metadata, Published
from bot.outside import BadAnswer, JsonObject, NoAnswer, OutsideError, ask
from graph.secret import Secret
from handlers.ports import AskedLogin, BegunLogin, Identity


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
        asked = flow.fresh(redirect_uri, now)
        wanted = self._wanted(asked, locales)
        try:
            metadata = await self.published.metadata()
            if metadata.pushed is not None:
                wanted = await self._pushed(metadata.pushed, wanted, now)
        except OutsideError as error:
            raise EidUnavailable(type(error).__name__) from None
        return flow.begun(metadata.authorization, wanted, asked)

    async def end(self, query: Sequence[tuple[str, str]], asked: AskedLogin, now: datetime) -> Identity:
        """What the callback's address holds, made into an identity.

        Raises ``EidRefused`` for what is not to be believed and ``EidUnavailable`` when nobody can tell.
        """
        began = self.published.monotonic()
        try:
            metadata = await self.published.metadata()
            code = checks.code(query, asked, self.provider, metadata)
            answer = await self._exchange(metadata, code, asked, now)
            claims = await flow.claims_of(answer.get("id_token"), self.published)
            # A slow provider makes its token later than the callback came.
            then = now + timedelta(seconds=self.published.monotonic() - began)
            acr, level, at = checks.login(claims, asked, self.provider, then)
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
        wanted = flow.wanted(asked, self.provider.client_id, self.provider.scopes) | {
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
        return await self._post(metadata.token, flow.exchange(code, asked), now)

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
                body["client_assertion_type"] = flow.ASSERTION
            case ClientAuth.CLIENT_SECRET_POST:
                body["client_secret"] = _revealed(provider.secret)
            case ClientAuth.CLIENT_SECRET_BASIC:
                headers["Authorization"] = _basic(provider.client_id, _revealed(provider.secret))
        return await ask(self.client, self.client.build_request("POST", endpoint, data=body, headers=headers))

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
