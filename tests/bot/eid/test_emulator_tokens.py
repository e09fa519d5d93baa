"""The emulated provider gives tokens only to whom they belong."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from bot.jose import SigningKey
from bot.sandbox.eid import Fault
from bot.sandbox.eid.keys import Key, decoded
from tests.bot.eid.requests import CHALLENGE, RIGHT, VERIFIER, code_of, exchange, token_form, userinfo
from tests.bot.eid.rig import CALLBACK, CLIENT_ID, NORA, SECRET, Rig, new_key


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "another"}, "invalid_grant"),
        ({"code": None}, "invalid_grant"),
        ({"redirect_uri": f"{CALLBACK}x"}, "invalid_grant"),
        ({"code_verifier": VERIFIER[::-1]}, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": None}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"client_id": "somebody"}, "invalid_client"),
        ({"client_assertion": "e30.e30.e30"}, "invalid_client"),
    ],
)
async def test_a_code_alone_is_not_enough(posting: Rig, changes: dict[str, str | None], error: str) -> None:
    answer = await exchange(posting, token_form(await code_of(posting), **changes))
    assert answer.json()["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert "id_token" not in answer.text


async def test_a_method_that_is_not_registered(posting: Rig) -> None:
    form = token_form(await code_of(posting), client_secret=None)
    answer = await exchange(posting, form, auth=(CLIENT_ID, SECRET))
    assert answer.json()["error"] == "invalid_client"


async def test_a_second_exchange_takes_back_the_first(posting: Rig) -> None:
    form = token_form(await code_of(posting))
    given = (await exchange(posting, form)).json()["access_token"]
    assert (await userinfo(posting, given)).status_code == 200
    assert (await exchange(posting, form)).json()["error"] == "invalid_grant"
    assert (await userinfo(posting, given)).status_code == 401


async def test_codes_and_tokens_run_out(posting: Rig) -> None:
    code, other = await code_of(posting), await code_of(posting, prompt="login")
    given = (await exchange(posting, token_form(code))).json()["access_token"]
    posting.clock.move(timedelta(seconds=60))
    assert (await exchange(posting, token_form(other))).json()["error"] == "invalid_grant"
    posting.clock.move(timedelta(seconds=60))
    assert (await userinfo(posting, given)).status_code == 401
    assert (await posting.browser.open(f"{posting.idp.issuer}/userinfo")).status_code == 401


async def test_the_token_is_as_id_porten_writes_it(posting: Rig, theirs: Key) -> None:
    tokens = (await exchange(posting, token_form(await code_of(posting)))).json()
    key = jwt.PyJWK.from_dict(dict(theirs.public)).key
    now = int(posting.clock.at.timestamp())
    claims = jwt.decode(
        tokens["id_token"],
        key,
        ["RS256"],
        options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    assert jwt.get_unverified_header(tokens["id_token"]) == {"alg": "RS256", "kid": theirs.kid}
    assert claims.keys() == set("iss aud sub pid acr amr auth_time iat exp jti nonce locale sid".split())
    assert (claims["iat"], claims["exp"], claims["auth_time"]) == (now, now + 120, now)
    assert (claims["aud"], claims["nonce"], claims["pid"]) == (CLIENT_ID, "the-nonce", NORA.person_number)
    assert claims["sub"] == (await userinfo(posting, tokens["access_token"])).json()["sub"]


async def test_a_person_has_another_name_at_every_client(posting: Rig) -> None:
    posting.idp.register(replace(posting.idp._clients.registered[CLIENT_ID], client_id="second"))
    subs = set()
    for client in (CLIENT_ID, CLIENT_ID, "second"):
        code = await code_of(posting, client_id=client, prompt="login")
        answer = await exchange(posting, token_form(code, client_id=client))
        subs.add(jwt.decode(answer.json()["id_token"], options={"verify_signature": False})["sub"])
    assert len(subs) == 2


async def test_a_code_of_another_client(posting: Rig) -> None:
    posting.idp.register(replace(posting.idp._clients.registered[CLIENT_ID], client_id="second"))
    form = token_form(await code_of(posting), client_id="second")
    assert (await exchange(posting, form)).json()["error"] == "invalid_grant"


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda claims: claims.update(iss="somebody"),
        lambda claims: claims.update(sub="somebody"),
        lambda claims: claims.update(aud=f"{claims['aud']}/token"),
        lambda claims: claims.update(aud=[claims["aud"]]),
        lambda claims: claims.pop("aud"),
        lambda claims: claims.update(exp=claims["iat"]),
        lambda claims: claims.update(exp=claims["iat"] + 3600),
        lambda claims: claims.update(iat=claims["iat"] + 60),
        lambda claims: claims.pop("exp"),
        lambda claims: claims.pop("jti"),
    ],
)
async def test_assertions_that_are_not_right(rig: Rig, ours: SigningKey, change: Change) -> None:
    claims = jwt.decode(
        ours.assertion(CLIENT_ID, rig.idp.issuer, rig.clock.at), options={"verify_signature": False}
    )
    assert (await pushed(rig, _signed(ours, claims))).status_code == 201
    change(claims)
    if "jti" in claims:
        claims["jti"] = "fresh"
    answer = await pushed(rig, _signed(ours, claims))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_assertions_of_other_keys(rig: Rig, ours: SigningKey) -> None:
    claims = jwt.decode(
        ours.assertion(CLIENT_ID, rig.idp.issuer, rig.clock.at), options={"verify_signature": False}
    )
    stranger = new_key(ours.kid)
    for number, (key, kid) in enumerate([(stranger, ours.kid), (ours, "unknown"), (ours, None)]):
        assert (await pushed(rig, _signed(key, claims | {"jti": str(number)}, kid=kid))).status_code == 401
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": ours.kid})
    for text in (unsigned, "", "a.b", "e30.e30.e30", "é.é.é"):
        assert (await pushed(rig, text)).status_code == 401


async def test_an_assertion_is_good_once(rig: Rig, ours: SigningKey) -> None:
    assertion = ours.assertion(CLIENT_ID, rig.idp.issuer, rig.clock.at)
    assert [(await pushed(rig, assertion)).status_code for _ in range(2)] == [201, 401]


async def pushed(rig: Rig, assertion: str) -> httpx.Response:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {**RIGHT, "client_assertion": assertion, "client_assertion_type": kind}
    return await rig.browser.client.post(f"{rig.idp.issuer}/par", data=form)


def _signed(key: SigningKey, claims: Mapping[str, object], kid: str | None = "tofaktor-2027") -> str:
    headers = {"kid": kid} if kid else {}
    return jwt.encode(dict(claims), key.pem.reveal(), algorithm="RS256", headers=headers)


async def test_the_header_with_a_certificate_is_as_long_as_id_portens(rig: Rig) -> None:
    rig.idp.faults.add(Fault.X5C_HEADER)
    await rig.log_in()
    given = next(token for token in rig.idp.journal.given if token.count(".") == 2)
    header, _, _ = given.partition(".")
    assert len(header) == 1342
    assert b'"x5c"' in decoded(header)
