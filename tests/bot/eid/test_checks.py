"""The rules of a login, for whatever may come back."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.eid import checks
from bot.eid.provider import ClientAuth, Provider
from bot.eid.refusals import EidRefused
from bot.jose import TokenRefused, signed_claims
from bot.jose.keysets import usable
from bot.jose.tokens import key_id
from bot.oidc.metadata import Metadata
from bot.sandbox.eid.keys import Key
from handlers.ports import AskedLogin
from tests.bot.eid.rig import ACR, CALLBACK, CLIENT_ID, START

ISSUER: Final = "https://idp.example"
NUMBER: Final = "14820399991"
ASKED: Final = AskedLogin("the-state", "the-nonce", "v" * 43, CALLBACK, START)
NOW: Final = START + timedelta(minutes=1)
AT: Final = int(NOW.timestamp())
BEGAN: Final = int(START.timestamp())
METADATA: Final = Metadata(f"{ISSUER}/a", f"{ISSUER}/t", f"{ISSUER}/j", None, None, None, names_issuer=True)
PROVIDER: Final = Provider("idporten", ISSUER, CLIENT_ID, ClientAuth.PRIVATE_KEY_JWT, ACR, "pid")
GOOD: Final[Mapping[str, object]] = {
    "iss": ISSUER,
    "aud": CLIENT_ID,
    "sub": "pairwise",
    "acr": "idporten-loa-high",
    "amr": ["BankID"],
    "auth_time": AT - 10,
    "iat": AT,
    "exp": AT + 120,
    "jti": "one",
    "nonce": "the-nonce",
    "locale": "nb",
    "sid": "session",
    "pid": NUMBER,
}


def outcome(
    claims: Mapping[str, object], provider: Provider = PROVIDER, userinfo: Mapping[str, object] | None = None
) -> tuple[Any, ...]:
    """What the checks make of a token."""
    acr, level, at = checks.login(claims, ASKED, provider, NOW)
    checks.required(provider, claims, userinfo or {})
    return acr, level, at, checks.number(provider, claims, userinfo or {}).reveal()


def changed(**changes: object) -> Mapping[str, object]:
    return {**GOOD, **changes}


def provider(**changes: Any) -> Provider:
    return replace(PROVIDER, **changes)


def test_a_good_token() -> None:
    assert outcome(GOOD) == ("idporten-loa-high", 4, NOW - timedelta(seconds=10), NUMBER)


@pytest.mark.parametrize(
    ("moves", "reason"),
    [
        ({"exp": AT - 9}, None),
        ({"exp": AT - 10}, "expired"),
        ({"iat": AT + 10}, None),
        ({"iat": AT + 11}, "not-yet"),
        ({"iat": BEGAN - 10}, None),
        ({"iat": BEGAN - 11}, "stale-token"),
        ({"nbf": AT + 10}, None),
        ({"nbf": AT + 11}, "not-yet"),
        ({"auth_time": BEGAN - 10}, None),
        ({"auth_time": BEGAN - 11}, "auth-time"),
        ({"auth_time": AT + 10}, None),
        ({"auth_time": AT + 11}, "auth-time"),
        ({"exp": float(AT) + 0.5}, None),
        ({"exp": True}, "no-exp"),
        ({"exp": float("nan")}, "no-exp"),
        ({"exp": float("inf")}, "no-exp"),
        ({"exp": 2**60}, "no-exp"),
        ({"exp": -1}, "no-exp"),
        ({"iat": None}, "no-iat"),
        ({"auth_time": str(AT)}, "no-auth_time"),
        ({"nbf": "soon"}, "no-nbf"),
        ({"azp": CLIENT_ID}, None),
        ({"azp": None}, "azp"),
        ({"aud": [CLIENT_ID]}, "audience"),
        ({"iss": f"{ISSUER}/"}, "issuer"),
        ({"nonce": "\ud800"}, "nonce"),
        ({"nonce": "the-nonce\u0000"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"sub": ""}, "no-sub"),
        ({"sub": 17}, "no-sub"),
        ({"acr": "IDPORTEN-LOA-HIGH"}, "acr"),
        ({"acr": "idporten-loa-high "}, "acr"),
        ({"acr": ["idporten-loa-high"]}, "acr"),
        ({"amr": "anything"}, None),
        ({"pid": NUMBER + "\n"}, "number-form"),
        ({"pid": f" {NUMBER}"}, "number-form"),
        ({"pid": "١٤٨٢٠٣٩٩٩٩١"}, "number-form"),
        ({"pid": int(NUMBER)}, "number-form"),
        ({"pid": [NUMBER]}, "number-form"),
    ],
)
def test_one_claim(moves: Mapping[str, object], reason: str | None) -> None:
    if reason is None:
        assert outcome(changed(**moves))[3] == NUMBER
    else:
        with pytest.raises(EidRefused, match=f"^{reason}$"):
            outcome(changed(**moves))


@pytest.mark.parametrize(
    ("issuer", "number", "accepted"),
    [
        ("https://idporten.no", "14820399991", False),
        ("https://idporten.no", "14810399991", False),
        ("https://idporten.no", "14120399991", True),
        ("https://idporten.no", "54120399991", True),  # a D-number
        ("https://ansattporten.no", "14920399991", False),
        ("https://test.idporten.no", "14820399991", True),
    ],
)
def test_nobody_has_a_synthetic_number_where_people_are_real(
    issuer: str, number: str, accepted: bool
) -> None:
    at_issuer = provider(issuer=issuer)
    if accepted:
        assert checks.number(at_issuer, {"pid": number}, {}).reveal() == number
    else:
        with pytest.raises(EidRefused, match=r"^synthetic-number$"):
            checks.number(at_issuer, {"pid": number}, {})


@pytest.mark.parametrize(
    ("claims", "userinfo", "accepted"),
    [
        ({"nin_type": "PERSON"}, {"country": "NO"}, True),
        ({"nin_type": "SSN"}, {"country": "NO"}, True),
        ({"nin_type": "PERSON"}, {"country": "SE"}, False),
        ({"nin_type": "PERSON"}, {}, False),
        ({}, {"country": "NO", "nin_type": "PERSON"}, False),  # not where it is looked for
        ({"nin_type": "PERSON", "country": "NO"}, {}, False),
        ({"nin_type": ["PERSON"]}, {"country": "NO"}, False),
        ({"nin_type": "person"}, {"country": "NO"}, False),
    ],
)
def test_required_claims(
    claims: Mapping[str, object], userinfo: Mapping[str, object], accepted: bool
) -> None:
    strict = provider(require={"nin_type": ("PERSON", "SSN"), "userinfo:country": ("NO",)})
    assert checks.wants_userinfo(strict)
    if accepted:
        checks.required(strict, claims, userinfo)
    else:
        with pytest.raises(EidRefused, match=r"^required-claim$"):
            checks.required(strict, claims, userinfo)


def test_the_number_is_read_from_one_place_only() -> None:
    there = provider(claim="userinfo:pid")
    assert checks.number(there, {"pid": "00000000000"}, {"pid": NUMBER}).reveal() == NUMBER
    assert checks.number(PROVIDER, {"pid": NUMBER}, {"pid": "00000000000"}).reveal() == NUMBER
    with pytest.raises(EidRefused):
        checks.number(there, {"pid": NUMBER}, {})


@pytest.mark.parametrize("sub", [None, "", 17, "another", ["pairwise"]])
def test_userinfo_of_somebody_else(sub: object) -> None:
    with pytest.raises(EidRefused, match=r"^userinfo-sub$"):
        checks.same_subject(GOOD, {"sub": sub})
    checks.same_subject(GOOD, {"sub": "pairwise"})


any_text = st.text(st.characters())
"""With halves of letters, which JSON can hold."""
any_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text | st.sampled_from(list(GOOD.values())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=5,
)
near = st.integers(AT - 5000, AT + 5000) | st.sampled_from(
    [*ACR, NUMBER, NUMBER[:-1], f"{NUMBER}\n", "the-nonce"]
)


@given(name=st.sampled_from([*GOOD, "azp", "nbf", "crit"]), value=any_value | near, gone=st.booleans())
def test_a_changed_claim_is_refused_or_makes_no_difference(name: str, value: object, gone: bool) -> None:
    claims = {key: each for key, each in GOOD.items() if key != name} | ({} if gone else {name: value})
    try:
        found = outcome(claims)
    except EidRefused:
        return
    acr, level, at, number = outcome(GOOD)
    match name:
        case "acr":
            assert found == (value, ACR[str(value)], at, number)
        case "auth_time":
            assert (found[:2], found[3]) == ((acr, level), number)
            assert BEGAN - 10 <= found[2].timestamp() <= AT + 10
        case "pid":
            assert found == (acr, level, at, value)
            assert len(str(value)) == 11
            assert set(str(value)) <= set("0123456789")
        case _:
            assert found == (acr, level, at, number)


@given(st.dictionaries(st.sampled_from([*GOOD, "azp", "nbf"]), any_value | near))
def test_any_claims_are_refused_or_name_somebody(claims: Mapping[str, object]) -> None:
    try:
        found = outcome({**GOOD, **claims})
    except EidRefused:
        return
    assert found[1] in (3, 4)
    assert len(found[3]) == 11


@pytest.fixture(scope="module")
def key() -> Key:
    return Key.new("k")


@given(value=any_value | near, name=st.sampled_from(sorted(GOOD)))
def test_the_same_with_signature(key: Key, name: str, value: object) -> None:
    """What a token can hold at all survives the way through it."""
    token = key.signed({**GOOD, name: value})
    try:
        claims = signed_claims(token, usable({"keys": [key.public]})[key_id(token)])
    except TokenRefused:
        return
    assert json.dumps(claims) == json.dumps({**GOOD, name: value})
    try:
        outcome(claims)
    except EidRefused:
        return


RIGHT: Final = (("state", "the-state"), ("iss", ISSUER), ("code", "the-code"))
pairs = st.tuples(
    st.sampled_from(["state", "iss", "code", "error", "error_description", "STATE", ""]) | any_text,
    st.sampled_from(["the-state", ISSUER, "the-code", "access_denied", "", "x" * 5000]) | any_text,
)


@given(right=st.permutations(RIGHT), kept=st.integers(0, 3), more=st.lists(pairs, max_size=4))
def test_any_callback_is_refused_or_gives_its_one_code(
    right: list[tuple[str, str]], kept: int, more: list[tuple[str, str]]
) -> None:
    query = [*right[:kept], *more]
    try:
        found = checks.code(query, ASKED, PROVIDER, METADATA)
    except EidRefused:
        return
    assert query.count(("code", found)) == 1
    assert found
    assert found.isascii()
    assert [value for name, value in query if name == "state"] == ["the-state"]
    assert [value for name, value in query if name == "iss"] == [ISSUER]
    assert "error" not in dict(query)


def test_a_right_callback() -> None:
    assert checks.code([*RIGHT, ("session_state", "x")], ASKED, PROVIDER, METADATA) == "the-code"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ([], "state"),
        ([("state", "the-state"), ("code", "the-code")], "no-iss"),
        ([("state", "the-state"), ("iss", f"{ISSUER}/"), ("code", "c")], "wrong-iss"),
        ([("state", "the-state"), ("iss", ""), ("code", "c")], "wrong-iss"),
        ([("state", ""), ("iss", ISSUER), ("code", "c")], "state"),
        ([("state", "THE-STATE"), ("iss", ISSUER), ("code", "c")], "state"),
        ([("state", "\ud800"), ("iss", ISSUER), ("code", "c")], "state"),
        ([*RIGHT, ("code", "the-code")], "malformed-callback"),
        ([*RIGHT, ("state", "the-state")], "malformed-callback"),
        ([*RIGHT, ("x", "1"), ("x", "1")], "malformed-callback"),
        ([*RIGHT, ("x", "y" * 4097)], "malformed-callback"),
        ([*RIGHT[:2], ("code", "")], "no-code"),
        ([*RIGHT[:2], ("code", "\ud800")], "no-code"),
        ([*RIGHT[:2], ("code", "a\r\nb")], "no-code"),
        ([*RIGHT, ("error", "access_denied")], "denied"),
        ([*RIGHT[:2], ("error", "server_error")], "provider-error"),
        ([("error", "access_denied")], "state"),
    ],
)
def test_wrong_callbacks(query: list[tuple[str, str]], reason: str) -> None:
    with pytest.raises(EidRefused, match=f"^{reason}$"):
        checks.code(query, ASKED, PROVIDER, METADATA)


def test_a_provider_that_never_names_itself_is_taken_at_its_metadata() -> None:
    silent = replace(METADATA, names_issuer=False)
    query = [("state", "the-state"), ("code", "the-code")]
    assert checks.code(query, ASKED, PROVIDER, silent) == "the-code"
    with pytest.raises(EidRefused, match=r"^wrong-iss$"):
        checks.code([*query, ("iss", "https://evil.example")], ASKED, PROVIDER, silent)
