"""The sign-in service of Entra, as far as an application needs it: discovery and tokens, over TLS."""

import base64
import secrets
import time
from dataclasses import dataclass, field
from uuid import uuid4

import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

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
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FAILURES = {
    400: ("invalid_scope", 70011, "The provided value for scope is not valid."),
    401: ("invalid_client", 7000222, "The provided client secret keys are expired."),
    429: ("temporarily_unavailable", 90055, "Too many requests."),
    503: ("temporarily_unavailable", 90033, "A transient error has occurred."),
}


class _Refused(Exception):
    def __init__(self, status: int, error: str, number: int, words: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.number = number
        self.words = f"AADSTS{number}: {words}"


@dataclass
class Login:
    """Gives tokens to the one application that the tenant knows. Token times are real times."""

    world: World
    granted: set[str] = field(default_factory=lambda: set(GRANTED))
    """The application permissions that an administrator consented to."""
    lifetime: int = 3599
    refresh_in: int | None = None
    failure: int | None = None
    """A status (400, 401, 429 or 503) that every token request gets."""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(30), repr=False)
    tokens_given: int = 0
    requests: int = 0
    """How often the token endpoint was asked."""
    url: str = ""
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _certificates: dict[str, RSAPublicKey] = field(default_factory=dict, repr=False)

    def application(self) -> web.Application:
        """The web application to serve over TLS."""
        app = web.Application()
        for version in ("/v2.0", ""):
            app.router.add_get(f"/{{tenant}}{version}/.well-known/openid-configuration", self._discover)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        return app

    def trust_certificate(self, pem: str) -> None:
        """Let the application prove itself with the key of this certificate."""
        certificate = x509.load_pem_x509_certificate(pem.encode())
        public = certificate.public_key()
        if not isinstance(public, RSAPublicKey):
            raise TypeError("Entra takes RSA keys only")
        self._certificates[_thumbprint(certificate)] = public

    def thumbprints(self) -> list[str]:
        """The SHA-256 thumbprints of the certificates that are trusted."""
        return list(self._certificates)

    def revoke_tokens(self) -> None:
        """Every token given so far is refused from now on."""
        self._key = secrets.token_bytes(32)

    def mint(self, *, roles: set[str] | None = None, lifetime: int | None = None) -> str:
        """A token for Graph, such as the endpoint gives."""
        now = int(time.time())
        claims = {
            "aud": _AUDIENCE,
            "iss": f"https://sts.windows.net/{self.world.tenant_id}/",
            "iat": now,
            "exp": now + (self.lifetime if lifetime is None else lifetime),
            "tid": self.world.tenant_id,
            "appid": self.world.client_id,
            "oid": guid("service principal", self.world.client_id),
            "idtyp": "app",
            "roles": sorted(self.granted if roles is None else roles),
            "jti": str(uuid4()),
        }
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
            return _error(_Refused(400, "invalid_tenant", 90002, "Tenant not found."))
        base = f"{self.url}/{self.world.tenant_id}"
        return web.json_response(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        self.requests += 1
        if self.failure is not None:
            return _error(_Refused(self.failure, *_FAILURES[self.failure]))
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            self._check(request.match_info["tenant"], form)
        except _Refused as refused:
            return _error(refused)
        self.tokens_given += 1
        body = {
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "ext_expires_in": self.lifetime,
            "access_token": self.mint(),
        }
        return web.json_response(body | ({} if self.refresh_in is None else {"refresh_in": self.refresh_in}))

    def _check(self, tenant: str, form: dict[str, str]) -> None:
        if tenant != self.world.tenant_id:
            raise _Refused(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
        if form.get("client_id") != self.world.client_id:
            raise _Refused(400, "unauthorized_client", 700016, "Application was not found in the directory.")
        if form.get("grant_type") != "client_credentials":
            raise _Refused(400, "unsupported_grant_type", 70003, "The grant type is not supported.")
        if form.get("scope") != f"{_AUDIENCE}/.default":
            raise _Refused(400, "invalid_scope", 70011, "The provided value for scope is not valid.")
        if form.get("client_assertion_type") == _ASSERTION:
            self._check_assertion(form.get("client_assertion", ""))
        elif not secrets.compare_digest(form.get("client_secret", "").encode(), self.secret.encode()):
            given = form.get("client_secret", "")
            # Unlike Entra, this names the secret: a client that shows what it is told is found out.
            raise _Refused(401, "invalid_client", 7000215, f"Invalid client secret provided: {given}")

    def _check_assertion(self, assertion: str) -> None:
        try:
            thumbprint = jwt.get_unverified_header(assertion).get("x5t#S256", "").rstrip("=")
            key = self._certificates.get(thumbprint)
            if key is None:
                raise _Refused(401, "invalid_client", 700027, "The certificate is not registered.")
            claims = jwt.decode(
                assertion,
                key,
                algorithms=["PS256"],
                audience=f"{self.url}/{self.world.tenant_id}/oauth2/v2.0/token",
                options={"require": ["exp", "aud", "iss", "sub", "jti"]},
            )
        except jwt.InvalidTokenError:
            raise _Refused(401, "invalid_client", 700027, "The assertion is not valid.") from None
        if not claims["iss"] == claims["sub"] == self.world.client_id:
            raise _Refused(401, "invalid_client", 700027, "The assertion names another application.")


def _thumbprint(certificate: x509.Certificate) -> str:
    return base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).decode().rstrip("=")


def _error(refused: _Refused) -> web.Response:
    correlation = str(uuid4())
    body = {
        "error": refused.error,
        "error_description": f"{refused.words}\r\nTrace ID: {uuid4()}\r\nCorrelation ID: {correlation}",
        "error_codes": [refused.number],
        "timestamp": time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime()),
        "trace_id": str(uuid4()),
        "correlation_id": correlation,
    }
    return web.json_response(body, status=refused.status)
