"""Tokens: one at a time, kept, renewed, and never shown."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from graph.clouds import is_microsoft, scope_for
from graph.errors import TokenError, Unavailable
from graph.secret import Secret
from graph.tokens import Certificate, ClientSecret
from tests.graph.rig import Rig, closed_port


def certified() -> tuple[str, str]:
    """A key with its certificate, and the certificate alone."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tofaktor")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
        .decode()
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private + certificate, certificate


async def test_a_token_is_got_once_and_kept(rig: Rig) -> None:
    first = await rig.tokens.get()

    assert await rig.tokens.get() == first
    assert rig.entra.login.requests == 1
    assert rig.entra.login.roles_in(first) == rig.entra.login.granted


async def test_nothing_is_fetched_before_the_first_token(rig: Rig) -> None:
    rig.make_tokens(authority_url=f"https://127.0.0.1:{closed_port()}")

    assert rig.entra.login.requests == 0


async def test_many_at_once_ask_once(rig: Rig) -> None:
    got = await asyncio.gather(*(rig.tokens.get() for _ in range(25)))

    assert len(set(got)) == 1
    assert rig.entra.login.requests == 1


async def test_one_who_leaves_does_not_take_the_token_along(rig: Rig) -> None:
    leaving = asyncio.create_task(rig.tokens.get())
    staying = asyncio.create_task(rig.tokens.get())
    await asyncio.sleep(0)
    leaving.cancel()

    assert await staying
    assert rig.entra.login.requests == 1


async def test_a_dropped_token_is_replaced_and_an_older_one_drops_nothing(rig: Rig) -> None:
    first = await rig.tokens.get()
    rig.tokens.drop(first)
    second = await rig.tokens.get()
    rig.tokens.drop(first)

    assert second != first
    assert await rig.tokens.get() == second
    assert rig.entra.login.requests == 2


async def test_a_certificate_is_as_good_as_a_secret(rig: Rig) -> None:
    pem, public = certified()
    rig.entra.login.trust_certificate(public)
    tokens = rig.make_tokens(Certificate(Secret(pem)))

    assert rig.entra.login.roles_in(await tokens.get())


async def test_a_certificate_that_nobody_registered_is_refused(rig: Rig) -> None:
    pem, _ = certified()

    with pytest.raises(TokenError, match="AADSTS700027"):
        await rig.make_tokens(Certificate(Secret(pem))).get()


async def test_a_wrong_secret_is_named_by_its_code_and_never_shown(rig: Rig) -> None:
    tokens = rig.make_tokens(ClientSecret(Secret("s3cr3t-canary")))

    with pytest.raises(TokenError) as caught:
        await tokens.get()

    assert caught.value.code == "invalid_client"
    assert "AADSTS7000215" in str(caught.value)
    assert "s3cr3t-canary" not in f"{caught.value} {caught.value!r} {vars(caught.value)} {tokens!r}"
    assert "\n" not in str(caught.value)


async def test_a_tenant_that_entra_does_not_know(rig: Rig) -> None:
    with pytest.raises(TokenError, match="tenant"):
        await rig.make_tokens(tenant_id="b2c0f5a8-0000-4000-8000-000000000000").get()


@pytest.mark.parametrize(("status", "expected"), [(400, TokenError), (401, TokenError)])
async def test_a_refusal_is_a_token_error(rig: Rig, status: int, expected: type[Exception]) -> None:
    rig.entra.login.failure = status

    with pytest.raises(expected):
        await rig.tokens.get()


@pytest.mark.parametrize("status", [429, 503])
async def test_a_pause_of_entra_is_no_refusal(rig: Rig, status: int) -> None:
    rig.entra.login.failure = status

    with pytest.raises(Unavailable):
        await rig.tokens.get()


async def test_nobody_at_home(rig: Rig) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await rig.make_tokens(authority_url=f"https://127.0.0.1:{closed_port()}").get()


async def test_a_stranger_with_another_ca_gets_no_secret(rig: Rig, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_text(certified()[1])

    with pytest.raises(Unavailable):
        await rig.make_tokens(ca_file=other).get()
    assert rig.entra.login.requests == 0


@pytest.mark.parametrize("content", [None, "no certificate at all"])
async def test_a_ca_file_that_is_none(rig: Rig, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)

    with pytest.raises(TokenError, match="CA file"):
        await rig.make_tokens(ca_file=file).get()


async def test_a_key_that_is_none(rig: Rig) -> None:
    with pytest.raises(TokenError) as caught:
        await rig.make_tokens(Certificate(Secret("k3y-canary"))).get()

    assert "k3y-canary" not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize("status", [400, 503])
async def test_the_old_token_serves_while_a_new_one_is_not_to_be_had(rig: Rig, status: int) -> None:
    # Under five minutes to live, MSAL counts a token as gone, and asks for the next.
    rig.entra.login.lifetime = 280
    first = await rig.tokens.get()
    rig.entra.login.failure = status

    assert await rig.tokens.get() == first
    assert rig.entra.login.requests == 2


async def test_a_token_in_its_last_minute_does_not_serve(rig: Rig) -> None:
    rig.entra.login.lifetime = 50
    await rig.tokens.get()
    rig.entra.login.failure = 503

    with pytest.raises(Unavailable):
        await rig.tokens.get()


async def test_a_failure_in_the_refresh_window_goes_unnoticed(rig: Rig) -> None:
    rig.entra.login.lifetime, rig.entra.login.refresh_in = 3600, 600
    first = await rig.tokens.get()
    rig.entra.login.failure = 503

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=20)):
        assert await rig.tokens.get() == first

    assert rig.entra.login.requests == 2


def test_every_cloud_has_its_scope() -> None:
    assert scope_for("https://graph.microsoft.com/v1.0") == "https://graph.microsoft.com/.default"
    assert scope_for("https://dod-graph.microsoft.us/v1.0") == "https://dod-graph.microsoft.us/.default"
    assert scope_for("https://microsoftgraph.chinacloudapi.cn/v1.0").startswith("https://microsoftgraph.chi")
    assert scope_for("http://127.0.0.1:9/v1.0") == "https://graph.microsoft.com/.default"
    assert is_microsoft("https://login.microsoftonline.us/t")
    assert not is_microsoft("https://login.microsoftonline.us.example/t")
