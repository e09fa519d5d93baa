"""What a provider publishes is pinned, kept, and asked for no more often than need be."""

import asyncio
from dataclasses import replace
from typing import Final

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.eid.client import EidClient
from bot.eid.provider import Provider
from bot.eid.refusals import EidRefused, EidUnavailable
from bot.jose import SigningKey
from bot.jose.keysets import EXTRA_LOOKS, PERIOD
from bot.oidc.metadata import FRESH, Published, read
from bot.outside import BadAnswer, OutsideError
from bot.sandbox.eid import EidEmulator, Fault
from bot.sandbox.eid.keys import Key
from bot.sandbox.world import FJORDHEIM
from handlers.messages import Language
from tests.bot.eid.rig import (
    CALLBACK,
    NAME,
    NORA,
    HandClock,
    Rig,
    Stopwatch,
    Way,
    eids_of,
    provider_of,
    registration,
    rig_of,
)

ISSUER: Final = "https://idporten.example"
WELL_KNOWN: Final = "/.well-known/openid-configuration"


async def test_a_hundred_unknown_keys_cause_few_looks(ours: SigningKey, theirs: Key) -> None:
    async with rig_of(Way(pushed=False), ours, theirs) as rig:
        await rig.log_in()
        rig.idp.faults.add(Fault.UNKNOWN_KID)
        for _ in range(100):
            with pytest.raises(EidRefused, match=r"^token-unknown-kid$"):
                await rig.log_in()
        assert rig.count("/jwks") == 1 + EXTRA_LOOKS
        rig.idp.faults.clear()
        await rig.log_in()
        assert rig.count("/jwks") == 1 + EXTRA_LOOKS


async def test_a_rotation_after_a_flood_is_seen_a_little_later(ours: SigningKey, theirs: Key) -> None:
    async with rig_of(Way(pushed=False), ours, theirs) as rig:
        await rig.log_in()
        rig.idp.faults.add(Fault.UNKNOWN_KID)
        for _ in range(EXTRA_LOOKS):
            with pytest.raises(EidRefused):
                await rig.log_in()
        rig.idp.faults.clear()
        rig.idp.faults.add(Fault.ROTATED)
        with pytest.raises(EidRefused, match=r"^token-unknown-kid$"):
            await rig.log_in()
        rig.watch.seconds += PERIOD
        await rig.log_in()


async def test_a_rotation_is_seen_at_once(rig: Rig) -> None:
    await rig.log_in()
    rig.idp.faults.add(Fault.ROTATED)
    await rig.log_in()
    await rig.log_in()
    assert rig.count("/jwks") == 2


async def test_a_key_that_was_taken_back_is_not_believed_for_longer_than_a_day(rig: Rig, theirs: Key) -> None:
    await rig.log_in()
    keys = rig.eids.offered[NAME].client.published.keys
    rig.idp.faults.add(Fault.ROTATED)
    rig.watch.seconds += FRESH + 1
    assert await keys.get(theirs.kid) is None


@pytest.mark.parametrize("fault", [Fault.JWKS_DOWN, Fault.JWKS_EMPTY, Fault.DUPLICATE_KID])
async def test_the_last_good_keys_go_on(rig: Rig, fault: Fault) -> None:
    await rig.log_in()
    rig.idp.faults.add(fault)
    rig.watch.seconds += FRESH + 1
    for _ in range(2 * EXTRA_LOOKS):
        await rig.log_in()
    assert rig.count("/jwks") == 1 + EXTRA_LOOKS


@pytest.mark.parametrize(
    "fault",
    [
        Fault.METADATA_DOWN,
        Fault.METADATA_OTHER_ISSUER,
        Fault.METADATA_REDIRECT,
        Fault.METADATA_FOREIGN_ENDPOINT,
    ],
)
async def test_the_last_good_metadata_goes_on(rig: Rig, fault: Fault) -> None:
    await rig.log_in()
    rig.idp.faults.add(fault)
    rig.watch.seconds += FRESH + 1
    for _ in range(3):
        assert (await rig.log_in()).number.reveal() == NORA.person_number
    assert rig.count(WELL_KNOWN) == 2


async def test_metadata_is_read_anew_every_day(rig: Rig) -> None:
    await rig.log_in()
    rig.idp.takes_pushed = False
    await rig.log_in()
    assert rig.count("/par") == 2
    rig.watch.seconds += FRESH + 1
    await rig.log_in()
    assert rig.count("/par") == 2


async def test_logins_at_the_same_time_share_a_fetch(rig: Rig) -> None:
    assert len({each.address for each in await asyncio.gather(*(rig.begin() for _ in range(10)))}) == 10
    assert rig.count(WELL_KNOWN) == 1


async def test_endpoints_may_lie_on_a_host_that_is_allowed(ours: SigningKey, theirs: Key) -> None:
    """As ID-porten's do."""
    async with (
        EidEmulator(FJORDHEIM, HandClock(), key=theirs, endpoints_on="localhost") as idp,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        idp.register(registration(Way(), ours))
        provider = provider_of(idp.issuer, Way(), ours)
        with pytest.raises(EidUnavailable):
            await eids_of(provider, client, Stopwatch()).begin(NAME, Language.NB, HandClock().now())
        assert not idp.journal.to("/par")
        allowed = replace(provider, host_allow=frozenset({"LocalHost"}))
        begun = await eids_of(allowed, client, Stopwatch()).begin(NAME, Language.NB, HandClock().now())
        assert begun.address.startswith("http://localhost:")


def document(**changes: object) -> dict[str, object]:
    """Metadata such as a provider publishes."""
    whole: dict[str, object] = {
        "issuer": ISSUER,
        "authorization_endpoint": "https://login.idporten.example/authorize",
        "token_endpoint": "https://login.idporten.example/token",
        "jwks_uri": "https://login.idporten.example/jwks",
        "pushed_authorization_request_endpoint": f"{ISSUER}/par",
        "userinfo_endpoint": f"{ISSUER}/userinfo",
        "end_session_endpoint": f"{ISSUER}/logout",
        "authorization_response_iss_parameter_supported": True,
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


@pytest.fixture
def provider(ours: SigningKey) -> Provider:
    return replace(provider_of(ISSUER, Way(), ours), host_allow=frozenset({"login.idporten.example"}))


def test_good_metadata(provider: Provider) -> None:
    found = read(provider, document(something_else=[1, 2]))
    assert found.authorization == "https://login.idporten.example/authorize"
    assert found.names_issuer
    assert found.pushed == f"{ISSUER}/par"
    assert read(provider, document(pushed_authorization_request_endpoint=None)).pushed is None


ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "pushed_authorization_request_endpoint",
    "userinfo_endpoint",
    "end_session_endpoint",
)
ELSEWHERE: Final = (
    "http://idporten.example/x",  # in the clear
    "https://evil.example/x",
    "https://idporten.example.evil.example/x",
    "https://sub.idporten.example/x",
    "https://idporten.example@evil.example/x",
    "https://user:pass@idporten.example/x",
    "https://idporten.example:8443/x",
    "https://idporten.example:99999/x",
    "https://login.idporten.example:99999/x",
    "https://login.idporten.example:port/x",
    "https://idporten.example\\@evil.example/x",
    "https://idporten.example\\.evil.example/x",
    "https://[idporten.example/x",
    "//idporten.example/x",
    "/x",
    "",
    "https://idporten.example/x#fragment",
    "https://idporten.example/x\x01y",
    "https://idporten.example/x\ny",
    "https://idporten.example\t/x",
    " https://idporten.example/x",
    "https://idporten.example/x y",
    "https://idporten.exämple/x",
    "https://idportén.example/x",
    f"https://idporten.example/{'x' * 70_000}",
    "javascript:alert(1)//idporten.example",
    "file:///etc/passwd",
    17,
    ["https://idporten.example/x"],
    {"https://idporten.example/x": 1},
    True,
)


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize("address", ELSEWHERE, ids=lambda address: repr(address)[:40])
def test_endpoints_that_lead_elsewhere(provider: Provider, name: str, address: object) -> None:
    with pytest.raises(BadAnswer, match=name) as refused:
        read(provider, document(**{name: address}))
    assert "evil" not in str(refused.value)


@pytest.mark.parametrize(
    "issuer", [f"{ISSUER}/", "https://IDPORTEN.example", "", None, [ISSUER], "https://evil.example"]
)
def test_metadata_of_another_issuer(provider: Provider, issuer: object) -> None:
    with pytest.raises(BadAnswer, match="another issuer"):
        read(provider, document(issuer=issuer))


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_metadata_without_what_is_needed(provider: Provider, name: str) -> None:
    with pytest.raises(BadAnswer, match=name):
        read(provider, document(**{name: None}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
addresses = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["https://", "http://", "HTTPS://", "//", "https:/", ""]),
    st.sampled_from(
        ["idporten.example", "login.idporten.example", "evil.example", "u@", "[", "IDPORTEN.EXAMPLE"]
    ),
    st.sampled_from(["", ":443", ":0", ":-1", ":99999", ":", "\\", "@evil.example", ".evil.example", "\x00"]),
    st.text(st.characters(), max_size=8),
)


@given(name=st.sampled_from(ENDPOINTS), address=addresses)
def test_whatever_is_reached_is_where_we_think_it_is(name: str, address: str) -> None:
    """The library that sends the request reads the address as we did."""
    provider = Provider(
        "x", ISSUER, "x", Way().auth, {}, "pid", host_allow=frozenset({"login.idporten.example"})
    )
    try:
        read(provider, document(**{name: address}))
    except BadAnswer:
        return
    sent_to = httpx.Request("GET", address).url
    assert sent_to.scheme == "https"
    assert sent_to.host in {"idporten.example", "login.idporten.example"}


@given(
    st.dictionaries(
        st.sampled_from(["issuer", "authorization_response_iss_parameter_supported", *ENDPOINTS]), json_values
    )
)
def test_any_metadata_is_read_or_refused(changes: dict[str, object]) -> None:
    provider = Provider(
        "x", ISSUER, "x", Way().auth, {}, "pid", host_allow=frozenset({"login.idporten.example"})
    )
    try:
        found = read(provider, document() | changes)
    except OutsideError:
        return
    assert found.token.startswith("https://")


async def test_an_authorization_endpoint_that_has_a_query(rig: Rig) -> None:
    published = Published(rig.provider, rig.outside)
    at = await published.metadata()
    published._metadata = replace(at, authorization=f"{at.authorization}?tenant=no")
    client = EidClient(rig.provider, published, rig.outside)
    begun = await client.begin(CALLBACK, ["nb"], rig.clock.now())
    assert begun.address.startswith(f"{at.authorization}?tenant=no&client_id=")
