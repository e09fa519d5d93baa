"""The sign-in service of Entra, as far as an application needs it: discovery and tokens, over TLS."""

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

import jwt
from aiohttp import web

from bot.sandbox.entra.assertions import Certificates, TokenRefused, token_error
from bot.sandbox.entra.sign_in import SignIns
from bot.sandbox.entra.sign_in_faults import SignInFault
from bot.sandbox.world import World, guid

GRANTED = frozenset(
    {
        "UserAuthMethod-TAP.ReadWrite.All",
        "UserAuthenticationMethod.Read.All",
        "UserAuthMethod-MicrosoftAuthApp.ReadWrite.All",
        "UserAuthMethod-SoftwareOATH.ReadWrite.All",
        "UserAuthMethod-Phone.ReadWrite.All",
        "AuditLog.Read.All",
        "User.Read.All",
        "User.RevokeSessions.All",
        "GroupMember.Read.All",
        "RoleManagement.Read.Directory",
        "Policy.Read.AuthenticationMethod",
        "Mail.Send",
    }
)
_AUDIENCE = "https://graph.microsoft.com"
_BOT_AUDIENCE = "https://api.botframework.com"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FAILURES = {
    400: ("invalid_scope", 70011, "The provided value for scope is not valid."),
    401: ("invalid_client", 7000222, "The provided client secret keys are expired."),
    429: ("temporarily_unavailable", 90055, "Too many requests."),
    503: ("temporarily_unavailable", 90033, "A transient error has occurred."),
}


@dataclass
class Login:
    """Gives tokens to the bot's own application, and for people who sign in. Times of the former are real times."""

    world: World
    sign_ins: SignIns
    granted: set[str] = field(default_factory=lambda: set(GRANTED))
    """The application permissions that an administrator consented to."""
    lifetime: int = 3599
    refresh_in: int | None = None
    failure: int | None = None
    """A status (400, 401, 429 or 503) that every token request gets."""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(30), repr=False)
    bot_secret: str = field(default_factory=lambda: secrets.token_urlsafe(30), repr=False)
    """That of the bot's own registration."""
    tokens_given: int = 0
    requests: int = 0
    """How often the token endpoint was asked."""
    url: str = ""
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _certificates: Certificates = field(default_factory=Certificates, repr=False)

    def application(self) -> web.Application:
        """The web application to serve over TLS."""
        app = web.Application()
        for version in ("/v2.0", ""):
            app.router.add_get(f"/{{tenant}}{version}/.well-known/openid-configuration", self._discover)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        app.router.add_get("/{tenant}/discovery/v2.0/keys", self._keys)
        return app

    def trust_certificate(self, pem: str) -> None:
        """Let the application prove itself with the key of this certificate."""
        self._certificates.trust(pem)

    def thumbprints(self) -> list[str]:
        """The SHA-256 thumbprints of the certificates that are trusted."""
        return self._certificates.thumbprints

    def revoke_tokens(self) -> None:
        """Every token given so far is refused from now on."""
        self._key = secrets.token_bytes(32)

    def mint(self, *, roles: set[str] | None = None, lifetime: int | None = None) -> str:
        """A token for Graph, such as the endpoint gives."""
        claims = self._claims(_AUDIENCE, self.world.client_id, lifetime)
        return self._signed(claims | {"roles": sorted(self.granted if roles is None else roles)})

    def mint_for_bot(self, *, client_id: str | None = None, lifetime: int | None = None) -> str:
        """A token for the connector, such as the endpoint gives to the bot, or to another application."""
        return self._signed(self._claims(_BOT_AUDIENCE, client_id or self.world.bot_id, lifetime))

    def trusts_bot(self, bearer: str) -> bool:
        """Whether this is a token of ours for the connector, given to the bot, and not stale."""
        try:
            claims = jwt.decode(
                bearer,
                self._key,
                algorithms=["HS256"],
                audience=_BOT_AUDIENCE,
                options={"require": ["exp", "aud", "appid"]},
            )
        except jwt.InvalidTokenError:
            return False
        return bool(claims["appid"] == self.world.bot_id)

    def _claims(self, audience: str, client_id: str, lifetime: int | None) -> dict[str, object]:
        now = int(time.time())
        return {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self.world.tenant_id}/",
            "iat": now,
            "exp": now + (self.lifetime if lifetime is None else lifetime),
            "tid": self.world.tenant_id,
            "appid": client_id,
            "oid": guid("service principal", client_id),
            "idtyp": "app",
            "jti": str(uuid4()),
        }

    def _signed(self, claims: dict[str, object]) -> str:
        return jwt.encode(claims, self._key, algorithm="HS256")

    def roles_in(self, bearer: str) -> set[str] | None:
        """The permissions in a token of ours; nothing when it is forged, stale or not for Graph."""
        try:
            claims = jwt.decode(
                bearer,
                self._key,
                algorithms=["HS256"],
                audience=_AUDIENCE,
                options={"require": ["exp", "aud", "tid", "roles"]},
            )
        except jwt.InvalidTokenError:
            return None
        return set(claims["roles"])

    async def _discover(self, request: web.Request) -> web.Response:
        if request.match_info["tenant"] != self.world.tenant_id:
            return token_error(TokenRefused(400, "invalid_tenant", 90002, "Tenant not found."))
        if SignInFault.METADATA_DOWN in self.sign_ins.faults:
            return web.Response(status=503)
        base = f"{self.url}/{self.world.tenant_id}"
        return web.json_response(
            self.sign_ins.metadata(base)
            | {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            }
        )

    async def _keys(self, _: web.Request) -> web.Response:
        if SignInFault.KEYS_DOWN in self.sign_ins.faults:
            return web.Response(status=503)
        return web.json_response(self.sign_ins.keys(f"{self.url}/{self.world.tenant_id}"))

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if form.get("grant_type") == "authorization_code":
            return self._for_code(request.match_info["tenant"], form)
        self.requests += 1
        if self.failure is not None:
            return token_error(TokenRefused(self.failure, *_FAILURES[self.failure]))
        try:
            self._check(request.match_info["tenant"], form)
        except TokenRefused as refused:
            return token_error(refused)
        self.tokens_given += 1
        body = {
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "ext_expires_in": self.lifetime,
            "access_token": self._granted(form),
        }
        return web.json_response(body | ({} if self.refresh_in is None else {"refresh_in": self.refresh_in}))

    def _granted(self, form: dict[str, str]) -> str:
        """The token that was asked for. Only our application for Graph has permissions there."""
        client_id = form["client_id"]
        if form["scope"] == f"{_BOT_AUDIENCE}/.default":
            return self.mint_for_bot(client_id=client_id)
        return self.mint() if client_id == self.world.client_id else self.mint(roles=set())

    def _for_code(self, tenant: str, form: dict[str, str]) -> web.Response:
        base = f"{self.url}/{self.world.tenant_id}"
        if SignInFault.TOKEN_DOWN in self.sign_ins.faults:
            return web.Response(status=503)
        if SignInFault.TOKEN_REDIRECT in self.sign_ins.faults:
            return web.Response(status=307, headers={"Location": f"{base}/elsewhere"})
        try:
            if tenant != self.world.tenant_id:
                raise TokenRefused(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
            tokens = self.sign_ins.exchange(form, f"{base}/oauth2/v2.0/token", f"{base}/v2.0")
        except TokenRefused as refused:
            return token_error(refused)
        return web.json_response(tokens)

    def _check(self, tenant: str, form: dict[str, str]) -> None:
        if tenant != self.world.tenant_id:
            raise TokenRefused(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
        own = {self.world.client_id: self.secret, self.world.bot_id: self.bot_secret}
        if (client_id := form.get("client_id", "")) not in own:
            raise TokenRefused(
                400, "unauthorized_client", 700016, "Application was not found in the directory."
            )
        if form.get("grant_type") != "client_credentials":
            raise TokenRefused(400, "unsupported_grant_type", 70003, "The grant type is not supported.")
        if form.get("scope") not in (f"{_AUDIENCE}/.default", f"{_BOT_AUDIENCE}/.default"):
            raise TokenRefused(400, "invalid_scope", 70011, "The provided value for scope is not valid.")
        if form.get("client_assertion_type") == _ASSERTION:
            audience = f"{self.url}/{self.world.tenant_id}/oauth2/v2.0/token"
            self._certificates.check(form, client_id, audience, datetime.now(UTC))
        elif not secrets.compare_digest(form.get("client_secret", "").encode(), own[client_id].encode()):
            given = form.get("client_secret", "")
            # Unlike Entra, this names the secret: a client that shows what it is told is found out.
            raise TokenRefused(401, "invalid_client", 7000215, f"Invalid client secret provided: {given}")
