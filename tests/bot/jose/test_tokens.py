"""Tokens from outside: taken apart without trust, believed by their signature alone."""

import json
import time
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from hypothesis import given
from hypothesis import strategies as st

from bot.jose import TokenRefused, signed_claims
from bot.jose.keysets import usable
from bot.jose.tokens import LONGEST, key_id
from bot.sandbox.eid.keys import Key, decoded, encoded

REASONS: Final = frozenset({"malformed", "algorithm", "critical", "no-kid", "signature"})


@pytest.fixture(scope="module")
def key() -> Key:
    return Key.new("k")


@pytest.fixture(scope="module")
def public(key: Key) -> jwt.PyJWK:
    return usable({"keys": [key.public]})["k"]


def refusal(token: object) -> str:
    with pytest.raises(TokenRefused) as refused:
        key_id(token)
    return refused.value.reason


def whole(header: bytes) -> str:
    return f"{encoded(header)}.{encoded(b'{}')}.{encoded(b'x' * 256)}"


def test_a_good_token(key: Key, public: jwt.PyJWK) -> None:
    token = key.signed({"a": 1})
    assert key_id(token) == "k"
    assert signed_claims(token, public) == {"a": 1}


def test_times_are_left_to_whoever_has_the_clock(key: Key, public: jwt.PyJWK) -> None:
    now = int(time.time())
    claims = {
        "exp": now - 10**6,
        "nbf": now + 10**6,
        "iat": now + 10**6,
        "aud": "a",
        "iss": 5,
        "sub": 5,
        "jti": 5,
    }
    assert signed_claims(key.signed(claims), public) == claims
    assert signed_claims(key.signed({"exp": "soon", "iat": [], "nbf": None}), public)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "none"}, "algorithm"),
        ({"alg": "HS256"}, "algorithm"),
        ({"alg": "RS512"}, "algorithm"),
        ({"alg": "rs256"}, "algorithm"),
        ({"alg": ["RS256"]}, "algorithm"),
        ({"alg": None}, "algorithm"),
        ({"kid": None}, "no-kid"),
        ({"kid": ""}, "no-kid"),
        ({"kid": 17}, "malformed"),
    ],
)
def test_headers_that_are_refused(key: Key, header: dict[str, Any], reason: str) -> None:
    assert refusal(key.signed({}, **header)) == reason


def test_a_payload_that_is_not_encoded(key: Key, public: jwt.PyJWK) -> None:
    with pytest.raises(TokenRefused, match=r"^malformed$"):
        _believed(key.signed({}, b64=False), public)


@pytest.mark.parametrize("crit", [[], ["exp"], ["b64"], "exp", None, 5])
def test_extensions_that_must_be_understood_are_not(crit: object) -> None:
    header = json.dumps({"alg": "RS256", "kid": "k", "crit": crit}).encode()
    assert refusal(whole(header)) in {"critical", "malformed"}


@pytest.mark.parametrize(
    "token",
    [
        None, 5, b"a.b.c", ["a.b.c"], "", ".", "..", "...", "a.b.c", "a.b", "a.b.c.d.e", "=.=.=", "e30.e30.e30 \n",
        "é.é.é", "e30.e30.e30\u0000", whole(b"[]"), whole(b"null"), whole(b"\xff"), whole(b"{"), whole(b'"RS256"'),
        whole(b'{"alg":"RS256","kid":"k","x":' + b"[" * 5000 + b"]" * 5000 + b"}"),
        whole(b'{"alg":"RS256","kid":"k","x":' + b"9" * 5000 + b"}"),
        whole(b'{"alg":"RS256","kid":"' + b"k" * LONGEST + b'"}'),
    ],
    ids=lambda token: repr(token)[:30],
)  # fmt: skip
def test_what_is_no_token(token: object) -> None:
    assert refusal(token) in {"malformed", "algorithm"}


def test_signatures_that_do_not_hold(key: Key, public: jwt.PyJWK) -> None:
    token = key.signed({"a": 1})
    first, _, signature = token.rpartition(".")
    header, claims = first.split(".")
    flipped = bytearray(decoded(signature))
    flipped[0] ^= 1
    digest_384 = key.private.sign(first.encode(), PKCS1v15(), SHA384())
    for wrong in (
        Key.new("k").signed({"a": 1}),
        f"{first}.",
        f"{first}.{encoded(bytes(flipped))}",
        f"{first}.{encoded(bytes(256))}",
        f"{first}.{encoded(digest_384)}",
        f"{header}.{encoded(json.dumps({'a': 2}).encode())}.{signature}",
        f"{encoded(json.dumps({'alg': 'RS256', 'kid': 'k', 'typ': 'JWT'}).encode())}.{claims}.{signature}",
        f"{key.unsigned({'a': 1}, alg='none')}.",
        key.signed_as_password({"a": 1}),
        f"{first}.{signature}A",
    ):
        with pytest.raises(TokenRefused):
            signed_claims(wrong, public)


@pytest.mark.parametrize(
    "claims", [b"[]", b"5", b"null", b"", b"\xff", b"{", b'{"a":' + b"[" * 9000 + b"]" * 9000 + b"}"]
)
def test_what_is_signed_and_no_object(key: Key, public: jwt.PyJWK, claims: bytes) -> None:
    first = f"{encoded(json.dumps({'alg': 'RS256', 'kid': 'k'}).encode())}.{encoded(claims)}"
    assert _verified(key, first, public) == "malformed"


def _verified(key: Key, first: str, public: jwt.PyJWK) -> str:
    signature = key.private.sign(first.encode(), PKCS1v15(), SHA256())
    with pytest.raises(TokenRefused) as refused:
        signed_claims(f"{first}.{encoded(signature)}", public)
    return refused.value.reason


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
names = st.sampled_from(
    ["alg", "kid", "crit", "b64", "typ", "cty", "jwk", "jku", "x5c", "x5u", "x5t", "zip", "enc"]
)


@given(st.dictionaries(names, values), st.booleans())
def test_any_header_is_refused_or_names_a_key(header: dict[str, Any], plain: bool) -> None:
    told = {"alg": "RS256", "kid": "k", **header} if plain else header
    token = whole(json.dumps(told).encode())
    try:
        kid = key_id(token)
    except TokenRefused as refused:
        assert_reason(refused)
        return
    assert kid == told["kid"]
    assert told["alg"] == "RS256"
    assert "crit" not in told


@given(st.one_of(st.text(st.characters()), st.text("ey.J0=-_a", max_size=60), st.binary().map(whole), values))
def test_any_token_is_refused_or_names_a_key(token: object) -> None:
    try:
        assert key_id(token)
    except TokenRefused as refused:
        assert_reason(refused)


@given(st.data())
def test_any_change_to_a_signed_token_is_refused(key: Key, public: jwt.PyJWK, data: st.DataObject) -> None:
    token = key.signed({"a": 1, "number": "14820399991"})
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("abcXYZ019-_.=\u00e9 "))
    changed = token[:place] + other + token[place + 1 :]
    if decoded_alike(token, changed):
        return
    with pytest.raises(TokenRefused):
        _believed(changed, public)


def _believed(token: str, public: jwt.PyJWK) -> None:
    """As the client does it: the key is looked up by its name first."""
    if key_id(token) != "k":
        raise TokenRefused("unknown-kid")
    signed_claims(token, public)


def decoded_alike(token: str, changed: str) -> bool:
    """Base64 has bits to spare at its end: another letter may mean the same."""
    try:
        return [decoded(part) for part in token.split(".")] == [decoded(part) for part in changed.split(".")]
    except ValueError:
        return False


def assert_reason(refused: TokenRefused) -> None:
    assert refused.reason in REASONS
    assert str(refused) == refused.reason
