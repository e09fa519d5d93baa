"""The code flow with our tenant at Entra: out to its sign-in page, and back with an account or a refusal."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx

from bot.jose import TokenRefused
from bot.oidc import checks as oidc
from bot.oidc import flow
from bot.oidc.metadata import Published
from bot.outside import BadAnswer, NoAnswer, OutsideError, ask
from bot.signin import checks
from bot.signin.authority import Authority
from handlers.messages import Language
from handlers.ports import AskedLogin, BegunLogin, LoginRefused, LoginUnavailable, SignedIn

CALLBACK: Final = "/signin/callback"
"""Registered at Entra, behind ``web.public_url``."""
_SCOPES: Final = ("openid", "profile")


@dataclass(frozen=True)
class EntraSignIn:
    """``ports.SignIn``. Neither code nor token nor secret is ever logged; refusals carry one word."""

    authority: Authority
    published: Published
    client: httpx.AsyncClient
    public_url: str

    async def begin(self, *, step_up: bool, language: Language, now: datetime) -> BegunLogin:
        """See ``ports.SignIn``."""
        asked = flow.fresh(f"{self.public_url}{CALLBACK}", now)
        wanted = flow.wanted(asked, self.authority.client_id, _SCOPES) | {
            "response_mode": "query",
            "ui_locales": language.value,
        }
        if step_up and self.authority.auth_context:
            wanted["claims"] = _demanding(self.authority.auth_context)
        try:
            metadata = await self.published.metadata()
        except OutsideError as error:
            raise LoginUnavailable(type(error).__name__) from None
        return flow.begun(metadata.authorization, wanted, asked)

    async def end(self, query: Sequence[tuple[str, str]], asked: AskedLogin, now: datetime) -> SignedIn:
        """See ``ports.SignIn``."""
        try:
            metadata = await self.published.metadata()
            code = oidc.code(query, asked, self.authority.issuer, names_issuer=metadata.names_issuer)
            form = (
                flow.exchange(code, asked)
                | {"client_id": self.authority.client_id, "scope": " ".join(_SCOPES)}
                | self.authority.proved(metadata.token, now)
            )
            request = self.client.build_request(
                "POST", metadata.token, data=form, headers={"Accept": "application/json"}
            )
            answer = await ask(self.client, request)
            claims = await flow.claims_of(answer.get("id_token"), self.published)
        except NoAnswer as error:
            raise LoginUnavailable(type(error).__name__) from None
        except BadAnswer:
            raise LoginRefused("bad-answer") from None
        except TokenRefused as refused:
            raise LoginRefused(f"token-{refused.reason}") from None
        return checks.signed_in(claims, asked, self.authority, now)


def _demanding(context: str) -> str:
    """https://learn.microsoft.com/entra/identity-platform/developer-guide-conditional-access-authentication-context."""
    return json.dumps(
        {"id_token": {"acrs": {"essential": True, "value": context}}}, separators=(",", ":"), sort_keys=True
    )
