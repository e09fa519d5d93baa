"""The whole login: out to the provider, and back with an identity."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiohttp import web

from bot.eid.provider import ClientAuth
from bot.eid.refusals import EidRefused, EidUnavailable
from bot.eid.service import Eids
from bot.jose import SigningKey
from bot.sandbox.eid import EidEmulator, Fault, Level
from bot.sandbox.eid.keys import Key
from bot.sandbox.world import FJORDHEIM
from handlers.messages import Language
from tests.bot.eid.rig import (
    CALLBACK,
    CLIENT_ID,
    EMIL,
    HOME,
    NAME,
    NORA,
    HandClock,
    Rig,
    Stopwatch,
    Way,
    eids_of,
    new_key,
    provider_of,
    query_of,
    registration,
    rig_of,
)

WAYS = [
    Way(auth, pushed, userinfo)
    for auth in ClientAuth
    for pushed in (True, False)
    for userinfo in (True, False)
]


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_a_login_by_every_way(way: Way, ours: SigningKey, theirs: Key) -> None:
    async with rig_of(way, ours, theirs) as rig:
        identity = await rig.log_in()
        assert (identity.issuer, identity.acr, identity.level) == (rig.idp.issuer, Level.HIGH, 4)
        assert identity.auth_time == rig.clock.at
        assert identity.number.reveal() == NORA.person_number
        assert await rig.eids.matches(NAME, NORA.object_id, identity.number)
        assert not await rig.eids.matches(NAME, EMIL.object_id, identity.number)
        assert rig.count("/par") == int(way.pushed)
        assert rig.count("/token") == 1
        assert rig.count("/userinfo") == int(way.userinfo)


async def test_the_level_is_that_of_the_login(rig: Rig) -> None:
    identity = await rig.log_in(level=str(Level.SUBSTANTIAL))
    assert (identity.acr, identity.level) == (Level.SUBSTANTIAL, 3)


async def test_what_is_asked_for(ours: SigningKey, theirs: Key) -> None:
    async with rig_of(Way(pushed=False), ours, theirs) as rig:
        begun = await rig.begin(Language.NN)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(begun.address).query).items()}
        assert asked.pop("code_challenge") != begun.asked.verifier
        assert asked == {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "scope": "openid profile",
            "state": begun.asked.state,
            "nonce": begun.asked.nonce,
            "code_challenge_method": "S256",
            "prompt": "login",
            "acr_values": "idporten-loa-substantial",
            "ui_locales": "nn nb en",
        }
        assert len(begun.asked.verifier) >= 43


async def test_a_pushed_request_leaves_nothing_in_the_address(rig: Rig) -> None:
    begun = await rig.begin()
    query = parse_qs(urlsplit(begun.address).query)
    assert query.keys() == {"client_id", "request_uri"}
    assert rig.idp.journal.to("/par")[0].parameters["state"] == begun.asked.state


async def test_two_logins_share_nothing(rig: Rig) -> None:
    begun = [await rig.begin() for _ in range(20)]
    for name in ("state", "nonce", "verifier"):
        assert len({getattr(each.asked, name) for each in begun}) == len(begun)


async def test_every_assertion_is_a_new_one(rig: Rig) -> None:
    for _ in range(3):
        await rig.log_in()
    assert len(rig.idp.journal.assertions) == 6
    assert len(set(rig.idp.journal.assertions)) == 6


async def test_the_provider_shows_its_login_page_although_somebody_is_logged_in(rig: Rig) -> None:
    await rig.log_in(person=EMIL.object_id)
    page = await rig.browser.open((await rig.begin()).address)
    assert page.status_code == 200
    assert "<form" in page.text


async def test_the_back_channel_brings_no_cookies(rig: Rig) -> None:
    for _ in range(2):
        await rig.log_in()
    for path in ("/par", "/token", "/jwks", "/.well-known/openid-configuration"):
        assert rig.count(path)
        assert not [call for call in rig.idp.journal.to(path) if call.cookies]


async def test_metadata_and_keys_are_fetched_once(rig: Rig) -> None:
    for _ in range(3):
        await rig.log_in()
    assert rig.count("/.well-known/openid-configuration") == 1
    assert rig.count("/jwks") == 1


async def test_whoever_cancels_is_refused(rig: Rig) -> None:
    with pytest.raises(EidRefused, match=r"^denied$"):
        await rig.log_in(action="cancel")
    assert rig.count("/token") == 0


async def test_a_code_is_exchanged_once(rig: Rig) -> None:
    begun = await rig.begin()
    query = query_of(await rig.browser.log_in(begun.address))
    await rig.end(query, begun.asked)
    with pytest.raises(EidRefused, match=r"^bad-answer$"):
        await rig.end(query, begun.asked)
    code = dict(query)["code"]
    assert [call.status for call in rig.idp.journal.exchanges(code)] == [200, 400]


async def test_a_provider_may_take_its_time_to_answer(rig: Rig) -> None:
    """Its token is then younger than the callback."""
    begun = await rig.begin()
    query = query_of(await rig.browser.log_in(begun.address))
    called = rig.clock.now()
    rig.clock.move(timedelta(seconds=20))
    rig.watch.step = 10.0
    assert (await rig.eids.end(NAME, query, begun.asked, called)).level == 4
    again = await rig.begin()
    query = query_of(await rig.browser.log_in(again.address))
    called, rig.watch.step = rig.clock.now(), 0.0
    rig.clock.move(timedelta(seconds=20))
    with pytest.raises(EidRefused):
        await rig.eids.end(NAME, query, again.asked, called)


async def test_the_answer_of_one_login_does_not_end_another(rig: Rig) -> None:
    mine, other = await rig.begin(), await rig.begin()
    query = query_of(await rig.browser.log_in(mine.address))
    with pytest.raises(EidRefused, match=r"^state$"):
        await rig.end(query, other.asked)
    swapped = [(name, other.asked.state if name == "state" else value) for name, value in query]
    with pytest.raises(EidRefused, match=r"^bad-answer$"):  # the code is bound to the other's verifier
        await rig.end(swapped, other.asked)


async def test_a_login_that_took_too_long_at_the_provider(rig: Rig) -> None:
    begun = await rig.begin()
    query = query_of(await rig.browser.log_in(begun.address))
    rig.clock.move(timedelta(seconds=60))
    with pytest.raises(EidRefused, match=r"^bad-answer$"):
        await rig.end(query, begun.asked)


async def test_a_slow_person_is_no_stale_login(rig: Rig) -> None:
    begun = await rig.begin()
    page = await rig.browser.open(begun.address)
    rig.clock.move(timedelta(minutes=9))
    back = (await rig.browser.answer(page)).headers["Location"]
    assert (await rig.end(query_of(back), begun.asked)).auth_time == rig.clock.at


async def test_a_provider_that_is_gone(rig: Rig) -> None:
    begun = await rig.begin()
    query = query_of(await rig.browser.log_in(begun.address))
    await rig.idp.stop()
    with pytest.raises(EidUnavailable):
        await rig.end(query, begun.asked)
    with pytest.raises(EidUnavailable):
        await rig.begin()


async def test_the_wrong_secret_is_no_evidence(ours: SigningKey, theirs: Key) -> None:
    way = Way(ClientAuth.CLIENT_SECRET_BASIC, pushed=False)
    async with rig_of(way, ours, theirs) as rig:
        rig.idp.register(replace(registration(way, ours), secret="another"))
        with pytest.raises(EidRefused, match=r"^bad-answer$"):
            await rig.log_in()


async def test_the_provider_may_fetch_our_keys(rig: Rig, ours: SigningKey) -> None:
    async def keys(_: web.Request) -> web.Response:
        return web.json_response({"keys": list(rig.eids.published)})

    app = web.Application()
    app.router.add_get("/eid/jwks.json", keys)
    runner = web.AppRunner(app, access_log=None)
    async with AsyncExitStack() as stack:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/eid/jwks.json"
        rig.idp.register(replace(registration(Way(), ours), keys=(), jwks_uri=address))
        assert (await rig.log_in()).level == 4


async def test_two_providers_are_not_taken_for_each_other(rig: Rig, ours: SigningKey, theirs: Key) -> None:
    """An answer of B at A's address: other state, and A's name is asked for (RFC 9207)."""
    async with EidEmulator(FJORDHEIM, HandClock(), key=theirs) as second:
        second.register(registration(Way(), ours))
        other = eids_of(provider_of(second.issuer, Way(), ours), rig.outside, rig.watch)
        mine, theirs_begun = await rig.begin(), await other.begin(NAME, Language.NB, rig.clock.now())
        query = query_of(await rig.browser.log_in(theirs_begun.address))
        at_mine = [(name, mine.asked.state if name == "state" else value) for name, value in query]
        with pytest.raises(EidRefused, match=r"^wrong-iss$"):
            await rig.end(at_mine, mine.asked)
        assert rig.count("/token") == 0


async def test_both_keys_are_published_while_they_change(ours: SigningKey) -> None:
    """Also the key of a second provider that goes by the same name there."""
    new, same_name = new_key(), new_key(ours.kid)
    async with httpx.AsyncClient() as client:
        offered = {}
        for name, keys in (("first", (ours, new)), ("second", (ours, same_name))):
            provider = replace(provider_of("https://idp.example", Way(), ours), keys=keys)
            offered[name] = eids_of(provider, client, Stopwatch()).offered[NAME]
        published = Eids(offered, HOME).published
    assert [key["kid"] for key in published] == [ours.kid, new.kid, ours.kid]
    assert [key["n"] for key in published] == [key.public["n"] for key in (ours, new, same_name)]
    assert all(key.keys() == {"kty", "n", "e", "use", "alg", "kid"} for key in published)


async def test_harmless_oddities_one_after_another(rig: Rig) -> None:
    """All of them at once, too."""
    for fault in Fault:
        if fault.harmless:
            rig.idp.faults.add(fault)
            assert (await rig.log_in()).number.reveal() == NORA.person_number
    assert len(rig.idp.faults) == 4
