"""People sign in: Entra's v2.0 code flow for one registered web application, which refuses what Entra refuses.

Times are those of the clock. Entra dates tokens back by five minutes, and so does this. Unlike
Entra it insists on PKCE.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hmac import compare_digest
from typing import Final
from urllib.parse import urlencode
from uuid import uuid4

from aiohttp import web

from bot.sandbox.eid.keys import Key, encoded, lasting
from bot.sandbox.entra import sign_in_pages as pages
from bot.sandbox.entra.assertions import Certificates, TokenRefused
from bot.sandbox.entra.sign_in_faults import SignInFault, signed, spoilt
from bot.sandbox.entra.state import NoSuchThing, Tenant
from bot.sandbox.world import guid

_CODE_LIFE: Final = timedelta(minutes=10)
_LIFE: Final = timedelta(minutes=65)
_BACK: Final = timedelta(minutes=5)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass
class Registration:
    """The application that people sign in to, as an administrator registered it."""

    client_id: str = guid("application", "tofaktor sign-in")
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(30), repr=False)
    redirect_uris: set[str] = field(default_factory=set)
    optional_claims: set[str] = field(default_factory=lambda: {"auth_time", "acrs"})
    """Of ID tokens. Without them neither is told."""
    certificates: Certificates = field(default_factory=Certificates)


@dataclass(frozen=True)
class Asked:
    """A request for a sign-in."""

    redirect_uri: str
    state: str
    nonce: str
    challenge: str
    context: str | None


@dataclass
class Grant:
    """What a code stands for."""

    asked: Asked
    account: str
    at: datetime
    used: bool = False


@dataclass
class SignIns:
    """Shows the sign-in page, and gives tokens for codes."""

    tenant: Tenant
    registration: Registration = field(default_factory=Registration)
    faults: set[SignInFault] = field(default_factory=set)
    requests: list[Mapping[str, str]] = field(default_factory=list, repr=False)
    """Every token request, as it came."""
    given: list[str] = field(default_factory=list, repr=False)
    """Every token that was given."""
    url: str = ""
    """Where people go; plain http, for browsers that do not know the emulator's authority."""
    _asked: dict[str, Asked] = field(default_factory=dict, repr=False)
    _grants: dict[str, Grant] = field(default_factory=dict, repr=False)

    @cached_property
    def key(self) -> Key:
        """What signs. Made when it is first needed: that takes a moment."""
        return lasting("entra-1")

    @cached_property
    def foreign(self) -> Key:
        """Somebody else's key."""
        return Key.new("foreign")

    def application(self) -> web.Application:
        """The pages to serve."""
        app = web.Application()
        app.router.add_get("/{tenant}/oauth2/v2.0/authorize", self._authorize)
        app.router.add_post("/{tenant}/login", self._login)
        return app

    def metadata(self, base: str) -> dict[str, object]:
        """What the discovery document says of it. Userinfo lies at Graph, on another host."""
        foreign = SignInFault.METADATA_FOREIGN_PAGE in self.faults
        keys = SignInFault.METADATA_FOREIGN_KEYS in self.faults
        page = "https://login.example" if foreign else self.url
        return {
            "issuer": f"{'https://login.example' if self._other_issuer else base}/v2.0",
            "authorization_endpoint": f"{page}/{self.tenant.world.tenant_id}/oauth2/v2.0/authorize",
            "jwks_uri": f"{'https://login.example' if keys else base}/discovery/v2.0/keys",
            "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self, base: str) -> dict[str, object]:
        """The key set: as at Entra, no ``alg`` is named."""
        public = {name: value for name, value in self.key.public.items() if name != "alg"}
        return {"keys": [public | {"x5t": self.key.kid, "x5c": ["MIIC"], "issuer": f"{base}/v2.0"}]}

    def exchange(self, form: Mapping[str, str], audience: str, issuer: str) -> dict[str, object]:
        """Tokens for a code. Raises ``TokenRefused``."""
        self.requests.append(form)
        now = self.tenant.clock.now()
        if form.get("client_id") != self.registration.client_id:
            raise TokenRefused(
                400, "unauthorized_client", 700016, "Application was not found in the directory."
            )
        self._authenticate(form, audience, now)
        grant = self._grants.get(form.get("code", ""))
        if grant is None:
            raise TokenRefused(400, "invalid_grant", 9002313, "The code is malformed.")
        if grant.used:
            raise TokenRefused(400, "invalid_grant", 54005, "The code was already redeemed.")
        grant.used = True
        if now > grant.at + _CODE_LIFE:
            raise TokenRefused(400, "invalid_grant", 70008, "The code has expired.")
        if form.get("redirect_uri") != grant.asked.redirect_uri:
            raise TokenRefused(400, "invalid_grant", 500112, "The reply address is not that of the request.")
        verifier = form.get("code_verifier", "")
        fits = encoded(hashlib.sha256(verifier.encode()).digest())
        if not _VERIFIER.fullmatch(verifier) or not compare_digest(fits, grant.asked.challenge):
            raise TokenRefused(400, "invalid_grant", 501481, f"The code_verifier {verifier} does not match.")
        claims = spoilt(self._claims(grant, issuer, now), self.faults)
        tokens: dict[str, object] = {
            "token_type": "Bearer",
            "scope": "openid profile",
            "expires_in": 3599,
            "ext_expires_in": 3599,
            "access_token": secrets.token_urlsafe(40),
        }
        if SignInFault.NO_ID_TOKEN not in self.faults:
            tokens["id_token"] = signed(claims, self.faults, self.key, self.foreign)
        self.given += [str(tokens[name]) for name in ("access_token", "id_token") if name in tokens]
        return tokens

    @property
    def _other_issuer(self) -> bool:
        return SignInFault.METADATA_OTHER_ISSUER in self.faults

    def _authenticate(self, form: Mapping[str, str], audience: str, now: datetime) -> None:
        registration = self.registration
        if "client_assertion" in form:
            registration.certificates.check(form, registration.client_id, audience, now)
            return
        given = form.get("client_secret")
        if given is None:
            raise TokenRefused(401, "invalid_client", 7000218, "client_assertion or client_secret is needed.")
        if not compare_digest(given.encode(), registration.secret.encode()):
            # Unlike Entra, this names the secret: a client that shows what it is told is found out.
            raise TokenRefused(401, "invalid_client", 7000215, f"Invalid client secret provided: {given}")

    def _claims(self, grant: Grant, issuer: str, now: datetime) -> dict[str, object]:
        resident = self.tenant.account(grant.account).resident
        made = int((now - _BACK).timestamp())
        claims: dict[str, object] = {
            "aud": self.registration.client_id,
            "iss": issuer,
            "iat": made,
            "nbf": made,
            "exp": made + int(_LIFE.total_seconds()),
            "name": resident.name,
            "nonce": grant.asked.nonce,
            "oid": resident.object_id,
            "preferred_username": resident.upn,
            "rh": secrets.token_urlsafe(12),
            "sub": encoded(hashlib.sha256(f"{self.registration.client_id}{grant.account}".encode()).digest()),
            "tid": self.tenant.world.tenant_id,
            "uti": secrets.token_urlsafe(16),
            "ver": "2.0",
        }
        if "auth_time" in self.registration.optional_claims:
            claims["auth_time"] = int(grant.at.timestamp())
        if "acrs" in self.registration.optional_claims and grant.asked.context is not None:
            claims["acrs"] = [grant.asked.context]
        return claims

    async def _authorize(self, request: web.Request) -> web.Response:
        query = {name: str(value) for name, value in request.query.items()}
        if request.match_info["tenant"] != self.tenant.world.tenant_id:
            return pages.refused(90002, "The tenant was not found.")
        if query.get("client_id") != self.registration.client_id:
            return pages.refused(700016, "The application was not found in the directory.")
        if query.get("redirect_uri") not in self.registration.redirect_uris:
            return pages.refused(50011, "The redirect URI does not match those of the application.")
        wrong = _wrong(query)
        if wrong is not None:
            return self._back(query["redirect_uri"], [("error", wrong), ("state", query.get("state", ""))])
        asked = Asked(
            redirect_uri=query["redirect_uri"],
            state=query.get("state", ""),
            nonce=query.get("nonce", ""),
            challenge=query["code_challenge"],
            context=_context(query.get("claims")),
        )
        name = secrets.token_urlsafe(16)
        self._asked[name] = asked
        people = [each for each in self.tenant.world.residents if each.enabled]
        return pages.login(name, self.tenant.world.tenant_id, people, asked.context)

    async def _login(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        asked = self._asked.pop(form.get("request", ""), None)
        if asked is None:
            return pages.refused(165000, "The request is unknown or was answered.")
        if form.get("action") != "go":
            answer = [("error", "access_denied"), ("error_subcode", "cancel"), ("state", asked.state)]
            return self._back(asked.redirect_uri, answer)
        try:
            account = self.tenant.account(form.get("person", ""))
        except NoSuchThing:
            return pages.refused(50034, "The account does not exist in the directory.")
        if not account.enabled:
            return pages.refused(50057, "The account is disabled.")
        if asked.context is not None and form.get("context", "met") != "met":
            return pages.refused(53003, "Access has been blocked by Conditional Access policies.")
        code = secrets.token_urlsafe(48)
        self._grants[code] = Grant(asked, account.id, self.tenant.clock.now())
        answer = [("code", code), ("state", asked.state), ("session_state", str(uuid4()))]
        return self._back(asked.redirect_uri, self._spoilt(answer))

    def _spoilt(self, answer: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if SignInFault.WRONG_STATE in self.faults:
            answer = [(name, secrets.token_urlsafe(32) if name == "state" else it) for name, it in answer]
        if SignInFault.CODE_TWICE in self.faults:
            answer = [*answer, ("code", secrets.token_urlsafe(48))]
        if SignInFault.WRONG_ISS_PARAM in self.faults:
            answer = [*answer, ("iss", "https://idp.example")]
        return answer

    def _back(self, to: str, answer: Sequence[tuple[str, str]]) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{to}?{urlencode(answer)}"})


def _wrong(query: Mapping[str, str]) -> str | None:
    """What is wrong with a request whose reply address is right: told to the application."""
    if query.get("response_type") != "code":
        return "unsupported_response_type"
    if query.get("response_mode", "query") != "query" or "openid" not in query.get("scope", "").split():
        return "invalid_request"
    if query.get("code_challenge_method") != "S256":
        return "invalid_request"
    if not _CHALLENGE.fullmatch(query.get("code_challenge", "")):
        return "invalid_request"
    try:
        _context(query.get("claims"))
    except ValueError:
        return "invalid_request"
    return None


def _context(claims: str | None) -> str | None:
    """The authentication context that is demanded. ``ValueError`` for claims that cannot be read."""
    if claims is None:
        return None
    found = json.loads(claims)
    wanted = found.get("id_token", {}).get("acrs") if isinstance(found, dict) else None
    if not isinstance(wanted, dict) or wanted.get("essential") is not True:
        raise ValueError("claims")
    return str(wanted["value"])
