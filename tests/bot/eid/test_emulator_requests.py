"""The emulated provider refuses what a real one refuses: one that takes anything proves nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.jose import SigningKey
from tests.bot.eid.requests import CHALLENGE, VERIFIER, address
from tests.bot.eid.rig import CALLBACK, Rig, Way, led, query_of, registration


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody"},
        {"client_id": None},
        {"redirect_uri": f"{CALLBACK}/"},
        {"redirect_uri": CALLBACK.replace("https", "http")},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": None},
        {"request_uri": "urn:ietf:params:oauth:request_uri:none"},
    ],
)
async def test_some_requests_lead_nowhere(rig: Rig, changes: dict[str, str | None]) -> None:
    page = await rig.browser.open(address(rig, **changes))
    assert page.status_code == 400
    assert "Location" not in page.headers


async def test_a_parameter_twice_leads_nowhere(rig: Rig) -> None:
    page = await rig.browser.open(f"{address(rig)}&state=another")
    assert page.status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"state": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": CHALLENGE[1:]}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"acr_values": "Level4"}, "invalid_request"),
        ({"acr_values": "idporten-loa-high eidas-loa-high"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "later"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
    ],
)
async def test_other_requests_go_back_with_an_error(
    rig: Rig, changes: dict[str, str | None], error: str
) -> None:
    back = dict(query_of(led(await rig.browser.open(address(rig, **changes)))))
    assert back["error"] == error
    assert back["iss"] == rig.idp.issuer
    assert back.get("state") == (None if "state" in changes else "the-state")


async def test_a_client_may_have_to_push(rig: Rig, ours: SigningKey) -> None:
    rig.idp.register(replace(registration(Way(), ours), pushes=True))
    back = dict(query_of(led(await rig.browser.open(address(rig)))))
    assert back["error"] == "invalid_request"
    assert (await rig.log_in()).level == 4


async def test_a_pushed_request_is_used_once_and_soon(rig: Rig) -> None:
    first, second = await rig.begin(), await rig.begin()
    assert (await rig.browser.open(f"{second.address}&state=x")).status_code == 400
    assert (await rig.browser.open(first.address)).status_code == 200
    assert (await rig.browser.open(first.address)).status_code == 400
    third = await rig.begin()
    rig.clock.move(timedelta(seconds=120))
    assert (await rig.browser.open(third.address)).status_code == 400
