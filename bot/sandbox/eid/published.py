"""What the provider tells everybody: its metadata (OpenID Connect Discovery 1.0) and its keys."""

from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.eid.faults import Fault
from bot.sandbox.eid.records import Level
from bot.sandbox.eid.state import State
from bot.sandbox.eid.tokens import Signing
from bot.settings.eid import ClientAuth

DOWN = 503


@dataclass
class Published:
    """``issuer`` is where it is found; the endpoints may lie on another host, as ID-porten's do."""

    state: State
    signing: Signing
    issuer: str = ""
    endpoints: str = ""
    takes_pushed: bool = True

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/.well-known/openid-configuration", self._metadata),
            web.get("/moved", self._moved),
            web.get("/jwks", self._keys),
            web.get("/foreign-jwks", self._foreign_keys),
        ]

    def document(self) -> dict[str, object]:
        """The metadata, with what is wrong with it now."""
        faults, here = self.state.faults, self.endpoints
        token = "https://login.elsewhere.example" if Fault.METADATA_FOREIGN_ENDPOINT in faults else here
        document: dict[str, object] = {
            "issuer": "https://idp.example" if Fault.METADATA_OTHER_ISSUER in faults else self.issuer,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{token}/token",
            "jwks_uri": f"{here}/jwks",
            "userinfo_endpoint": f"{here}/userinfo",
            "end_session_endpoint": f"{here}/logout",
            "frontchannel_logout_supported": True,
            "frontchannel_logout_session_supported": True,
            "authorization_response_iss_parameter_supported": True,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "scopes_supported": ["openid", "profile"],
            "acr_values_supported": [str(level) for level in Level],
            "ui_locales_supported": ["nb", "nn", "en", "se"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [str(method) for method in ClientAuth],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "id_token_signing_alg_values_supported": [
                *(["none"] if Fault.METADATA_LISTS_NONE in faults else []),
                "RS256",
            ],
        }
        if self.takes_pushed:
            document["pushed_authorization_request_endpoint"] = f"{here}/par"
        return document

    async def _metadata(self, _: web.Request) -> web.Response:
        if Fault.METADATA_DOWN in self.state.faults:
            return web.Response(status=DOWN)
        if Fault.METADATA_REDIRECT in self.state.faults:
            raise web.HTTPFound(f"{self.issuer}/moved")
        return web.json_response(self.document())

    async def _moved(self, _: web.Request) -> web.Response:
        """All is well there, for those who follow."""
        return web.json_response(self.document())

    async def _keys(self, _: web.Request) -> web.Response:
        if Fault.JWKS_DOWN in self.state.faults:
            return web.Response(status=DOWN)
        return web.json_response({"keys": self.signing.published(self.state.faults)})

    async def _foreign_keys(self, _: web.Request) -> web.Response:
        """What a token may point to, and nobody is to fetch."""
        return web.json_response({"keys": [self.signing.foreign.public]})
