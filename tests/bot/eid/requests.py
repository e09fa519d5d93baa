"""Requests made by hand, as a client would that we don't have: right but for the changes."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from tests.bot.eid.rig import CALLBACK, CLIENT_ID, SECRET, Rig, query_of

VERIFIER: Final = secrets.token_urlsafe(32)
CHALLENGE: Final = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
RIGHT: Final[Mapping[str, str]] = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": CALLBACK,
    "scope": "openid profile",
    "state": "the-state",
    "nonce": "the-nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "acr_values": "idporten-loa-substantial",
}


def address(rig: Rig, **changes: str | None) -> str:
    """An authorization request that is right but for the changes."""
    query = {name: value for name, value in {**RIGHT, **changes}.items() if value is not None}
    return f"{rig.idp.issuer}/authorize?{urlencode(query)}"


def token_form(given: str, **changes: str | None) -> dict[str, str]:
    """The form that exchanges a code."""
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "code": given,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        "client_secret": SECRET,
    }
    return {name: value for name, value in (form | changes).items() if value is not None}


async def exchange(rig: Rig, form: Mapping[str, str], **more: Any) -> httpx.Response:
    return await rig.browser.client.post(f"{rig.idp.issuer}/token", data=dict(form), **more)


async def code_of(rig: Rig, **changes: str | None) -> str:
    return dict(query_of(await rig.browser.log_in(address(rig, **changes))))["code"]


async def userinfo(rig: Rig, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await rig.browser.client.get(f"{rig.idp.issuer}/userinfo", headers=headers)
