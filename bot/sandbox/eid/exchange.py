"""Client to provider, without the browser: pushed requests, codes for tokens, tokens for userinfo."""

import asyncio
import gzip
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from aiohttp import web

from bot.sandbox.eid import asking
from bot.sandbox.eid.clients import Clients
from bot.sandbox.eid.faults import Fault
from bot.sandbox.eid.keys import encoded
from bot.sandbox.eid.published import DOWN
from bot.sandbox.eid.records import LIFE, Grant, Refused
from bot.sandbox.eid.state import State
from bot.sandbox.eid.tokens import Claims, Signing, spoilt, true_claims, userinfo

Answering = Callable[[web.Request], Awaitable[web.Response]]

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_MEGABYTE: Final = 1024 * 1024
_SECONDS: Final = int(LIFE.total_seconds())


@dataclass
class Exchange:
    """The endpoints that our own process asks."""

    state: State
    clients: Clients
    signing: Signing
    issuer: str = ""
    delay: float = 15.0
    """Seconds that ``Fault.SLOW`` takes."""

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.post("/par", _said(self._push)),
            web.post("/token", _said(self._token)),
            web.get("/userinfo", _said(self._userinfo)),
            web.post("/elsewhere", self._elsewhere),
        ]

    async def _push(self, request: web.Request) -> web.Response:
        """RFC 9126, 2."""
        if Fault.PAR_DOWN in self.state.faults:
            return web.Response(status=DOWN)
        form = await _form(request)
        client = await self.clients.authenticated(request, form)
        address = self.state.push(asking.asked(client, form))
        named = {} if Fault.PAR_WITHOUT_ADDRESS in self.state.faults else {"request_uri": address}
        return web.json_response({**named, "expires_in": _SECONDS}, status=201)

    async def _token(self, request: web.Request) -> web.Response:
        """RFC 6749, 4.1.3, and RFC 7636, 4.6."""
        faults = self.state.faults
        if Fault.SLOW in faults:
            await asyncio.sleep(self.delay)
        if Fault.TOKEN_DOWN in faults:
            return web.Response(status=DOWN)
        if Fault.TOKEN_BUSY in faults:
            return web.Response(status=429, headers={"Retry-After": "1"})
        if Fault.TOKEN_REDIRECT in faults:
            raise web.HTTPTemporaryRedirect(f"{self.issuer}/elsewhere")
        form = await _form(request)
        client = await self.clients.authenticated(request, form)
        if form.get("grant_type") != "authorization_code":
            raise Refused("unsupported_grant_type", "Only codes are exchanged.")
        grant = self.state.exchange(form.get("code", ""), client)
        if form.get("redirect_uri") != grant.asked.redirect_uri:
            raise Refused("invalid_grant", "The redirect_uri is not the one of the request.")
        if not _proved(form.get("code_verifier", ""), grant.asked.challenge):
            raise Refused("invalid_grant", f"The code_verifier {form.get('code_verifier')} does not fit.")
        tokens = self._tokens(grant)
        self.clients.journal.given += [
            str(tokens[name]) for name in ("access_token", "id_token") if name in tokens
        ]
        return self._answer(tokens)

    def _tokens(self, grant: Grant) -> Mapping[str, object]:
        faults, client = self.state.faults, grant.asked.client
        subject = self.state.subject(client, grant.session.number)
        claims = true_claims(grant, issuer=self.issuer, subject=subject, now=self.state.now())
        tokens: dict[str, object] = {
            "access_token": self.state.access_token(grant),
            "token_type": "Bearer",
            "expires_in": _SECONDS,
            "scope": "openid profile",
        }
        if Fault.NO_ID_TOKEN not in faults:
            tokens["id_token"] = self.signing.signed(spoilt(claims, faults), faults, self.issuer)
        return tokens

    def _answer(self, tokens: Mapping[str, object]) -> web.Response:
        faults = self.state.faults
        if Fault.HTML_TOKEN_ANSWER in faults:
            return web.Response(text="<!doctype html><title>Welcome</title>", content_type="text/html")
        if Fault.LIST_TOKEN_ANSWER in faults:
            return web.json_response([tokens])
        if Fault.HUGE_TOKEN_ANSWER in faults:
            return web.json_response({**tokens, "padding": "x" * _MEGABYTE})
        if Fault.COMPRESSED_TOKEN_ANSWER in faults:
            packed = gzip.compress(json.dumps(tokens).encode())
            headers = {"Content-Encoding": "gzip"}
            return web.Response(body=packed, headers=headers, content_type="application/json")
        return web.json_response(tokens)

    async def _userinfo(self, request: web.Request) -> web.Response:
        """OpenID Connect Core 1.0, 5.3."""
        if Fault.USERINFO_DOWN in self.state.faults:
            return web.Response(status=DOWN)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Refused("invalid_token", "A bearer token is needed.", status=401)
        grant = self.state.bearer(token)
        subject = self.state.subject(grant.asked.client, grant.session.number)
        told: Claims = userinfo(grant, subject, self.state.faults)
        return web.json_response(told)

    async def _elsewhere(self, _: web.Request) -> web.Response:
        """Where nobody is to be sent with a code in the hand."""
        return web.json_response({})


def _proved(verifier: str, challenge: str) -> bool:
    fits = encoded(hashlib.sha256(verifier.encode()).digest())
    return _VERIFIER.fullmatch(verifier) is not None and compare_digest(fits, challenge)


def _said(answering: Answering) -> Answering:
    """Refusals as OAuth words them; nothing is to be kept by anybody on the way; the load balancer leaves a cookie."""

    async def said(request: web.Request) -> web.Response:
        try:
            response = await answering(request)
        except Refused as refused:
            body = {"error": refused.error, "error_description": refused.words}
            response = web.json_response(body, status=refused.status)
            if refused.status == 401:
                response.headers["WWW-Authenticate"] = f'Bearer error="{refused.error}"'
        response.headers["Cache-Control"] = "no-store"
        response.set_cookie("balancer", "node-1", path="/", httponly=True)
        return response

    return said


async def _form(request: web.Request) -> Mapping[str, str]:
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused("invalid_request", "A form is needed.")
    return asking.once((name, str(value)) for name, value in (await request.post()).items())
