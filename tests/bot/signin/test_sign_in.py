"""A sign-in at Entra: what is asked for, who comes of it, and whatever else Entra may answer."""

import base64
import hashlib
import json
import logging
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from bot.jose import CertifiedKey
from bot.sandbox.browser import sign_in
from bot.sandbox.eid.keys import Key
from bot.sandbox.entra.sign_in_faults import SignInFault
from bot.signin.client import CALLBACK
from graph.secret import Secret
from handlers.ports import BegunLogin, LoginError, LoginRefused, LoginUnavailable
from tests.bot.signin.rig import CONTEXT, HOME, INGRID, START, Rig, asked_for, rig_of, words_of
from tests.graph.test_tokens import certified

TOLD = {
    SignInFault.MISSING_AUTH_TIME,
    SignInFault.MISSING_ACRS,
    SignInFault.OTHER_ACRS,
}
"""Not refused here: it is told that the sign-in is not stepped up."""
BELIEVED = {SignInFault.ACRS_TEXT, SignInFault.OTHER_USER}
"""Right as far as a token goes. Who the other user is, is compared with who pressed."""
DOWN = {
    SignInFault.TOKEN_DOWN,
    SignInFault.KEYS_DOWN,
}
AT_BEGINNING = {
    SignInFault.METADATA_DOWN,
    SignInFault.METADATA_OTHER_ISSUER,
    SignInFault.METADATA_FOREIGN_KEYS,
    SignInFault.METADATA_FOREIGN_PAGE,
}


async def test_what_is_asked_for(rig: Rig) -> None:
    begun = await rig.begun()
    asked = asked_for(begun)
    claims = json.loads(asked.pop("claims"))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.asked.verifier.encode()).digest())
    assert claims == {"id_token": {"acrs": {"essential": True, "value": CONTEXT}}}
    assert asked == {
        "response_type": "code",
        "response_mode": "query",
        "client_id": rig.sign_ins.registration.client_id,
        "redirect_uri": f"{HOME}{CALLBACK}",
        "scope": "openid profile",
        "state": begun.asked.state,
        "nonce": begun.asked.nonce,
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "prompt": "login",
        "ui_locales": "nn",
    }
    assert begun.asked.verifier not in begun.address
    assert "claims" not in asked_for(await rig.begun(step_up=False))


async def test_who_comes_of_it(rig: Rig) -> None:
    signed = await rig.signed_in()
    assert (signed.account, signed.name) == (INGRID.object_id, INGRID.name)
    assert (signed.auth_time, signed.stepped_up, signed.contexts) == (START, True, (CONTEXT,))
    (form,) = rig.sign_ins.requests
    assert form["client_secret"] == rig.sign_ins.registration.secret
    plain = await rig.signed_in(step_up=False)
    assert (plain.account, plain.stepped_up, plain.contexts) == (INGRID.object_id, False, None)


async def test_a_certificate_in_place_of_a_secret(theirs: Key, tmp_path: Path) -> None:
    pem, certificate = certified()
    async with rig_of(tmp_path, theirs, credential=CertifiedKey(Secret(pem))) as rig:
        with pytest.raises(LoginRefused, match="bad-answer"):
            await rig.signed_in()
        rig.sign_ins.registration.certificates.trust(certificate)
        assert (await rig.signed_in()).stepped_up
        assert (await rig.signed_in()).stepped_up
        assert all("client_secret" not in form for form in rig.sign_ins.requests)


async def test_a_wrong_secret_is_no_sign_in(theirs: Key, tmp_path: Path) -> None:
    async with rig_of(tmp_path, theirs, credential=Secret("another")) as rig:
        with pytest.raises(LoginRefused, match="bad-answer"):
            await rig.signed_in()


@pytest.mark.parametrize("fault", sorted(set(SignInFault) - TOLD - BELIEVED - DOWN - AT_BEGINNING), ids=str)
async def test_every_fault_is_refused(rig: Rig, fault: SignInFault) -> None:
    begun = await rig.begun()
    rig.sign_ins.faults.add(fault)
    query = await rig.query(begun)
    with pytest.raises(LoginRefused):
        await rig.end(begun, query)
    rig.sign_ins.faults.clear()
    assert (await rig.signed_in()).stepped_up


@pytest.mark.parametrize("fault", sorted(TOLD), ids=str)
async def test_what_is_missing_is_told_and_is_no_step_up(rig: Rig, fault: SignInFault) -> None:
    rig.sign_ins.faults.add(fault)
    signed = await rig.signed_in()
    assert not signed.stepped_up
    assert signed.timed is (fault is not SignInFault.MISSING_AUTH_TIME)
    assert (signed.contexts is None) is (fault is SignInFault.MISSING_ACRS)


@pytest.mark.parametrize("claim", ["auth_time", "acrs"])
async def test_a_registration_that_does_not_ask_for_a_claim_steps_nobody_up(rig: Rig, claim: str) -> None:
    rig.sign_ins.registration.optional_claims.remove(claim)
    assert not (await rig.signed_in()).stepped_up


async def test_without_a_context_of_ours_nothing_is_stepped_up(theirs: Key, tmp_path: Path) -> None:
    async with rig_of(tmp_path, theirs, context="") as rig:
        assert "claims" not in asked_for(await rig.begun())
        rig.sign_ins.faults.add(SignInFault.OTHER_ACRS)
        assert not (await rig.signed_in()).stepped_up


async def test_one_context_as_text_is_right(rig: Rig) -> None:
    rig.sign_ins.faults.add(SignInFault.ACRS_TEXT)
    assert (await rig.signed_in()).stepped_up


@pytest.mark.parametrize("fault", sorted(DOWN), ids=str)
async def test_when_entra_is_down_nothing_is_known(rig: Rig, fault: SignInFault) -> None:
    begun = await rig.begun()
    query = await rig.query(begun)
    rig.sign_ins.faults.add(fault)
    with pytest.raises(LoginUnavailable):
        await rig.end(begun, query)


@pytest.mark.parametrize("fault", sorted(AT_BEGINNING), ids=str)
async def test_bad_metadata_sends_nobody_anywhere(rig: Rig, fault: SignInFault) -> None:
    rig.sign_ins.faults.add(fault)
    with pytest.raises(LoginUnavailable):
        await rig.begun()
    rig.sign_ins.faults.clear()
    assert (await rig.signed_in()).stepped_up


@pytest.mark.parametrize(
    ("error", "reason"), [("access_denied", "denied"), ("server_error", "provider-error")]
)
async def test_an_error_in_place_of_a_code(rig: Rig, error: str, reason: str) -> None:
    begun = await rig.begun()
    with pytest.raises(LoginRefused, match=reason):
        await rig.end(begun, [("error", error), ("state", begun.asked.state)])
    assert rig.sign_ins.requests == []


async def test_a_code_is_redeemed_once_and_in_time(rig: Rig) -> None:
    begun = await rig.begun()
    query = await rig.query(begun)
    await rig.end(begun, query)
    with pytest.raises(LoginRefused, match="bad-answer"):
        await rig.end(begun, query)
    begun = await rig.begun()
    query = await rig.query(begun)
    rig.clock.move(timedelta(minutes=11))
    with pytest.raises(LoginRefused, match="bad-answer"):
        await rig.end(begun, query)


async def test_a_code_of_another_sign_in_is_refused(rig: Rig) -> None:
    mine, theirs = await rig.begun(), await rig.begun()
    code = dict(await rig.query(theirs))["code"]
    with pytest.raises(LoginRefused, match="bad-answer"):
        await rig.end(mine, [("code", code), ("state", mine.asked.state)])


async def test_a_sign_in_before_this_one_does_not_count(rig: Rig) -> None:
    """``auth_time`` from before the beginning: a session that somebody left open."""
    begun = await rig.begun()
    rig.clock.move(timedelta(seconds=-11))
    query = await rig.query(begun)
    rig.clock.move(timedelta(seconds=11))
    with pytest.raises(LoginRefused, match="auth-time"):
        await rig.end(begun, query)


@pytest.mark.parametrize(
    "spoil",
    [
        {"redirect_uri": f"{HOME}/signin/callback/"},
        {"client_id": "somebody-else"},
        {"redirect_uri": "https://evil.example/signin/callback"},
    ],
)
async def test_the_emulator_sends_nobody_to_an_address_that_is_not_registered(
    rig: Rig, spoil: dict[str, str]
) -> None:
    response = await _authorize(rig, spoil)
    assert response.status_code == httpx.codes.BAD_REQUEST
    assert "AADSTS" in words_of(response)


@pytest.mark.parametrize(
    "spoil",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"response_type": "token"},
        {"scope": "profile"},
        {"claims": "{"},
        {"claims": '{"id_token":{"acrs":{"value":"c1"}}}'},
    ],
)
async def test_the_emulator_refuses_requests_that_are_not_right(rig: Rig, spoil: dict[str, str]) -> None:
    response = await _authorize(rig, spoil)
    assert response.status_code == httpx.codes.FOUND
    told = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    assert told["error"] in ("invalid_request", "unsupported_response_type")
    assert "code" not in told


async def test_who_does_not_meet_the_context_is_not_sent_back(rig: Rig) -> None:
    begun = await rig.begun()
    assert await sign_in(begun.address, INGRID.object_id, context="not-met") == ""


async def test_nothing_of_a_token_is_logged(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    begun = await rig.begun()
    query = await rig.query(begun)
    await rig.end(begun, query)
    with pytest.raises(LoginError) as refused:
        await rig.end(begun, query)
    said = caplog.text + repr(refused.value) + repr(begun) + repr(rig.ours)
    asked = begun.asked
    secrets = [*rig.sign_ins.given, asked.verifier, rig.sign_ins.registration.secret]
    assert not [secret for secret in secrets if secret in said]


async def _authorize(rig: Rig, spoil: dict[str, str]) -> httpx.Response:
    begun: BegunLogin = await rig.begun()
    address = begun.address.partition("?")[0]
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"{address}?{urlencode(asked_for(begun) | spoil)}")
