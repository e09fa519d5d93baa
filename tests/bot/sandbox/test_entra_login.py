"""The emulated sign-in service refuses whoever is not the application."""

import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bot.sandbox.clock import SandboxClock
from bot.sandbox.entra import EntraEmulator
from bot.sandbox.world import FJORDHEIM

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Door:
    """The token endpoint, and what is right to send there."""

    entra: EntraEmulator
    http: httpx.AsyncClient

    @property
    def url(self) -> str:
        """The token endpoint."""
        return f"{self.entra.authority_url}/{self.entra.tenant_id}/oauth2/v2.0/token"

    async def knock(self, **changed: str) -> httpx.Response:
        """A token request, right but for what is changed."""
        form = {
            "client_id": self.entra.client_id,
            "client_secret": self.entra.client_secret,
            "grant_type": "client_credentials",
            "scope": "https://graph.microsoft.com/.default",
        }
        return await self.http.post(self.url, data=form | changed)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    """A running sign-in service."""
    clock = SandboxClock(tmp_path / "clock")
    async with EntraEmulator(FJORDHEIM, clock, tmp_path) as entra:
        trust = ssl.create_default_context(cafile=entra.ca_file)
        async with httpx.AsyncClient(verify=trust) as http:
            yield Door(entra, http)
    clock.close()


async def test_the_application_gets_a_token_with_its_permissions(door: Door) -> None:
    answer = await door.knock()

    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] > 600
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert claims["aud"] == "https://graph.microsoft.com"
    assert claims["tid"] == FJORDHEIM.tenant_id
    assert claims["appid"] == FJORDHEIM.client_id
    assert claims["idtyp"] == "app"
    assert set(claims["roles"]) == door.entra.login.granted


async def test_the_bot_gets_a_token_for_the_connector_and_no_permissions_in_graph(door: Door) -> None:
    login, scope = door.entra.login, "https://api.botframework.com/.default"
    bot = {"client_id": FJORDHEIM.bot_id, "client_secret": login.bot_secret}

    token = (await door.knock(**bot, scope=scope)).json()["access_token"]
    assert login.trusts_bot(token)
    assert login.roles_in(token) is None
    assert login.roles_in((await door.knock(**bot)).json()["access_token"]) == set()
    other = (await door.knock(scope=scope)).json()["access_token"]
    assert not login.trusts_bot(other), "that of another application"
    assert (await door.knock(**bot | {"client_secret": "wrong"}, scope=scope)).status_code == 401
    login.revoke_tokens()
    assert not login.trusts_bot(token)


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "other"}, 400, "unauthorized_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "https://graph.microsoft.us/.default"}, 400, "invalid_scope"),
        ({"scope": "User.Read.All"}, 400, "invalid_scope"),
    ],
)
async def test_whoever_is_not_the_application_gets_none(
    door: Door, changed: dict[str, str], status: int, error: str
) -> None:
    answer = await door.knock(**changed)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"].startswith("AADSTS")
    assert door.entra.login.tokens_given == 0


@pytest.mark.parametrize("status", [400, 401, 429, 503])
async def test_failures_on_demand(door: Door, status: int) -> None:
    door.entra.login.failure = status

    assert (await door.knock()).status_code == status


async def test_discovery_at_both_addresses_and_for_one_tenant(door: Door) -> None:
    base = door.entra.authority_url
    for version in ("/v2.0", ""):
        found = await door.http.get(
            f"{base}/{door.entra.tenant_id}{version}/.well-known/openid-configuration"
        )
        assert found.json()["token_endpoint"] == door.url
    other = await door.http.get(f"{base}/other/v2.0/.well-known/openid-configuration")
    assert other.status_code == 400


async def test_plain_trust_is_not_enough(door: Door) -> None:
    async with httpx.AsyncClient() as stranger:
        with pytest.raises(httpx.ConnectError):
            await stranger.get(door.url)


@cache
def _key(_: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class TestAssertion:
    """A certificate in place of a secret."""

    def _certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tofaktor")])
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(_key("ours").public_key())
            .serial_number(1)
            .not_valid_before(now)
            .not_valid_after(now + timedelta(days=1))
            .sign(_key("ours"), SHA256())
        )

    async def _send(
        self,
        door: Door,
        changed: dict[str, object] | None = None,
        *,
        key: rsa.RSAPrivateKey | None = None,
        thumbprint: str | None = None,
    ) -> httpx.Response:
        certificate = self._certificate()
        door.entra.login.trust_certificate(certificate.public_bytes(Encoding.PEM).decode())
        client = door.entra.client_id
        claims: dict[str, object] = {
            "aud": door.url,
            "iss": client,
            "sub": client,
            "jti": "1",
            "exp": int(time.time()) + 600,
        }
        known = door.entra.login.thumbprints()[0]
        headers = {"x5t#S256": known if thumbprint is None else thumbprint}
        assertion = jwt.encode(
            claims | dict(changed or {}), key or _key("ours"), algorithm="PS256", headers=headers
        )
        return await door.knock(client_secret="", client_assertion_type=ASSERTION, client_assertion=assertion)

    async def test_the_right_one_is_accepted(self, door: Door) -> None:
        assert (await self._send(door)).status_code == 200

    @pytest.mark.parametrize(
        "changed",
        [{"aud": "https://elsewhere.example"}, {"exp": 1}, {"iss": "other"}, {"sub": "other"}, {"jti": None}],
    )
    async def test_a_wrong_claim_is_refused(self, door: Door, changed: dict[str, object]) -> None:
        assert (await self._send(door, changed)).json()["error"] == "invalid_client"

    async def test_a_wrong_key_is_refused(self, door: Door) -> None:
        assert (await self._send(door, key=_key("another"))).status_code == 401

    async def test_an_unknown_thumbprint_is_refused(self, door: Door) -> None:
        assert (await self._send(door, thumbprint="x")).status_code == 401

    async def test_no_assertion_at_all(self, door: Door) -> None:
        for assertion in ("", "b'x'", "a.b.c"):
            answer = await door.knock(client_assertion_type=ASSERTION, client_assertion=assertion)
            assert answer.status_code == 401
