"""Logins at the emulated provider: its page, its sessions, and how they end."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from bot.sandbox.eid import Level
from tests.bot.eid.requests import address, exchange, token_form
from tests.bot.eid.rig import CALLBACK, CLIENT_ID, EMIL, HOME, NAME, NORA, Rig, led, query_of


async def test_a_session_answers_for_the_browser_unless_a_login_is_asked_for(posting: Rig) -> None:
    await posting.browser.log_in(address(posting), person=EMIL.object_id)
    posting.clock.move(timedelta(minutes=5))
    at_once = dict(query_of(led(await posting.browser.open(address(posting)))))
    tokens = (await exchange(posting, token_form(at_once["code"]))).json()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert claims["pid"] == EMIL.person_number
    assert claims["auth_time"] == int((posting.clock.at - timedelta(minutes=5)).timestamp())
    assert (await posting.browser.open(address(posting, prompt="none"))).status_code == 303
    assert (await posting.browser.open(address(posting, prompt="login"))).status_code == 200


async def test_a_session_ends_when_it_is_idle_or_old(posting: Rig) -> None:
    await posting.browser.log_in(address(posting))
    for _ in range(4):
        posting.clock.move(timedelta(minutes=29))
        assert (await posting.browser.open(address(posting))).status_code == 303
    posting.clock.move(timedelta(minutes=5))
    assert (await posting.browser.open(address(posting))).status_code == 200
    await posting.browser.log_in(address(posting))
    posting.clock.move(timedelta(minutes=30))
    assert (await posting.browser.open(address(posting))).status_code == 200


async def test_a_higher_level_needs_another_login(posting: Rig) -> None:
    await posting.browser.log_in(address(posting), level=str(Level.SUBSTANTIAL))
    assert (await posting.browser.open(address(posting))).status_code == 303
    higher = await posting.browser.open(address(posting, acr_values="idporten-loa-high"))
    assert higher.status_code == 200
    refused = await posting.browser.answer(higher, level=str(Level.SUBSTANTIAL))
    assert refused.status_code == 400
    assert led(await posting.browser.answer(refused)).startswith(CALLBACK)


async def test_sessions_of_a_client_may_be_its_own(posting: Rig) -> None:
    alone = replace(posting.idp._clients.registered[CLIENT_ID], client_id="alone", alone=True)
    posting.idp.register(alone)
    await posting.browser.log_in(address(posting))
    assert (await posting.browser.open(address(posting, client_id="alone"))).status_code == 200
    await posting.browser.log_in(address(posting, client_id="alone"))
    assert (await posting.browser.open(address(posting, client_id="alone"))).status_code == 303


@pytest.mark.parametrize(
    "choices",
    [
        {"number": "1234567890"},
        {"number": "1234567890a"},
        {"number": "١٢٣٤٥٦٧٨٩٠١"},
        {"person": ""},
        {"person": "nobody"},
        {"level": ""},
        {"level": "idporten-loa-low"},
    ],
)
async def test_a_login_that_does_not_work_is_tried_again(rig: Rig, choices: dict[str, str]) -> None:
    begun = await rig.begin()
    page = await rig.browser.answer(await rig.browser.open(begun.address), **choices)
    assert page.status_code == 400
    back = led(await rig.browser.answer(page, number="14820399991"))
    assert (await rig.end(query_of(back), begun.asked)).number.reveal() == "14820399991"


async def test_a_login_page_is_answered_once_in_its_own_time(rig: Rig) -> None:
    page = await rig.browser.open((await rig.begin()).address)
    led(await rig.browser.answer(page))
    assert (await rig.browser.answer(page)).status_code == 400
    page = await rig.browser.open((await rig.begin()).address)
    rig.clock.move(timedelta(minutes=10))
    assert (await rig.browser.answer(page)).status_code == 400


async def test_pages_keep_to_themselves(rig: Rig) -> None:
    page = await rig.browser.open((await rig.begin()).address)
    assert not any((each.person_number or "-") in page.text for each in (NORA, EMIL))
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    client = rig.browser.client
    assert (await client.get(page.url.join("/style.css"))).status_code == 200
    evil = {"Origin": "https://evil.example"}
    assert (await client.post(page.url.join("/login"), data={}, headers=evil)).status_code == 403
    assert (await client.get(page.url.join("/jwks"), headers={"Host": "evil.example"})).status_code == 403


async def test_the_login_page_is_not_written_down(rig: Rig) -> None:
    begun = await rig.begin()
    await rig.end(query_of(await rig.browser.log_in(begun.address, number="14820399991")), begun.asked)
    assert not rig.idp.journal.to("/login")
    assert not [call for call in rig.idp.calls if "14820399991" in str(call.parameters)]
    assert begun.asked.verifier in str(rig.idp.journal.to("/token")[0].parameters)
    assert begun.asked.verifier not in repr(rig.idp.journal)


async def _sid(rig: Rig) -> str:
    given = next(token for token in reversed(rig.idp.journal.given) if token.count(".") == 2)
    return str(jwt.decode(given, options={"verify_signature": False})["sid"])


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_logging_out_tells_everybody_who_knew(rig: Rig, method: str) -> None:
    await rig.log_in()
    sid = await _sid(rig)
    leaving = {"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{HOME}/case", "state": "so long"}
    where = {"params": leaving} if method == "GET" else {"data": leaving}
    page = await rig.browser.client.request(method, f"{rig.idp.issuer}/logout", **where)  # type: ignore[arg-type]
    (frame,) = re.findall(r'<iframe src="([^"]+)"', page.text)
    told = urlsplit(frame.replace("&amp;", "&"))
    assert f"{told.scheme}://{told.netloc}{told.path}" == f"{HOME}/eid/{NAME}/logout"
    assert dict(parse_qsl(told.query)) == {"iss": rig.idp.issuer, "sid": sid}
    assert f"frame-src {HOME};" in page.headers["Content-Security-Policy"]
    assert f'href="{HOME}/case?state=so+long"' in page.text
    again = await rig.browser.client.request(method, f"{rig.idp.issuer}/logout", **where)  # type: ignore[arg-type]
    assert "<iframe" not in again.text


async def test_a_session_is_gone_after_logging_out(posting: Rig) -> None:
    await posting.browser.log_in(address(posting))
    leaving = {"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{HOME}/case"}
    await posting.browser.client.get(f"{posting.idp.issuer}/logout", params=leaving)
    assert (await posting.browser.open(address(posting))).status_code == 200


@pytest.mark.parametrize(
    "leaving",
    [
        {},
        {"client_id": CLIENT_ID},
        {"client_id": CLIENT_ID, "post_logout_redirect_uri": "https://evil.example/"},
        {"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{HOME}/case/"},
        {"client_id": "somebody", "post_logout_redirect_uri": f"{HOME}/case"},
        {"post_logout_redirect_uri": f"{HOME}/case"},
        {"id_token_hint": "e30.e30.e30", "post_logout_redirect_uri": f"{HOME}/case"},
    ],
)
async def test_nobody_is_logged_out_by_just_anybody(posting: Rig, leaving: dict[str, str]) -> None:
    await posting.browser.log_in(address(posting))
    page = await posting.browser.client.get(f"{posting.idp.issuer}/logout", params=leaving)
    assert page.status_code == 400
    assert (await posting.browser.open(address(posting))).status_code == 303


async def test_a_token_names_the_client_that_leaves(rig: Rig) -> None:
    await rig.log_in()
    hint = next(token for token in rig.idp.journal.given if token.count(".") == 2)
    leaving = {"id_token_hint": hint, "post_logout_redirect_uri": f"{HOME}/case"}
    page = await rig.browser.client.post(f"{rig.idp.issuer}/logout", data=leaving)
    assert "<iframe" in page.text
    other = {**leaving, "client_id": "somebody"}
    assert (await rig.browser.client.post(f"{rig.idp.issuer}/logout", data=other)).status_code == 400


async def test_waiting_for_a_call(rig: Rig) -> None:
    await rig.log_in()
    (call,) = await rig.idp.wait_for(lambda: rig.idp.journal.to("/token"))
    assert (call.method, call.status) == ("POST", 200)
    with pytest.raises(TimeoutError):
        await rig.idp.wait_for(lambda: rig.idp.journal.to("/nowhere"), seconds=0.01)
