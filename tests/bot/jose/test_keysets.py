"""Sets of keys from outside: what of them is used, and how often they are asked for."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from bot.jose import KeySet
from bot.jose.keysets import EXTRA_LOOKS, FRESH, PERIOD, usable
from bot.outside import BadAnswer, NoAnswer, OutsideError
from bot.sandbox.eid.keys import Key, encoded

ONE: Final = Key.new("one")
TWO: Final = Key.new("two")


@dataclass
class Provider:
    """Publishes what a test says, or nothing, and counts."""

    keys: list[Any] = field(default_factory=lambda: [ONE.public])
    down: bool = False
    fetched: int = 0
    seconds: float = 5000.0
    gate: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def fetch(self) -> Mapping[str, object]:
        self.fetched += 1
        self.asked.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise NoAnswer("down")
        return {"keys": self.keys}

    def now(self) -> float:
        return self.seconds


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def keys(provider: Provider) -> KeySet:
    return KeySet(provider.fetch, provider.now)


async def test_a_known_key_is_fetched_once(provider: Provider, keys: KeySet) -> None:
    assert provider.fetched == 0
    for _ in range(5):
        assert await keys.get("one")
    assert provider.fetched == 1


async def test_callers_at_the_same_time_share_a_fetch(provider: Provider, keys: KeySet) -> None:
    provider.gate = asyncio.Event()
    callers = [asyncio.create_task(keys.get("one")) for _ in range(20)]
    await provider.asked.wait()
    provider.gate.set()
    assert all(await asyncio.gather(*callers))
    assert provider.fetched == 1


async def test_unknown_keys_cause_few_looks(provider: Provider, keys: KeySet) -> None:
    for number in range(100):
        assert await keys.get(f"unknown-{number}") is None
    assert provider.fetched == 1 + EXTRA_LOOKS
    provider.seconds += PERIOD
    assert await keys.get("unknown") is None
    assert provider.fetched == 2 + EXTRA_LOOKS
    for _ in range(3):
        await asyncio.gather(*(keys.get(f"unknown-{number}") for number in range(50)))
    assert provider.fetched == 1 + 2 * EXTRA_LOOKS


async def test_rotation(provider: Provider, keys: KeySet) -> None:
    assert await keys.get("one")
    provider.keys = [TWO.public]
    assert await keys.get("two")
    assert await keys.get("one") is None


async def test_the_last_good_keys_go_on_while_there_are_no_others(provider: Provider, keys: KeySet) -> None:
    assert await keys.get("one")
    provider.seconds += FRESH + 1
    for provider.keys, provider.down in (
        ([], True),
        ([], False),
        (["rubbish"], False),
        ([ONE.public] * 2, False),
    ):
        assert await keys.get("one")
        assert await keys.get("two") is None
    assert provider.fetched <= 1 + EXTRA_LOOKS
    provider.keys, provider.down = [TWO.public], False
    provider.seconds += PERIOD
    assert await keys.get("one") is None
    assert await keys.get("two")


async def test_no_keys_were_ever_got(provider: Provider, keys: KeySet) -> None:
    provider.down = True
    for _ in range(2):
        with pytest.raises(NoAnswer):
            await keys.get("one")
    provider.down, provider.keys = False, []
    with pytest.raises(BadAnswer):
        await keys.get("one")
    provider.keys = [ONE.public]
    assert await keys.get("one")


async def test_a_caller_who_gives_up_leaves_the_set_usable(provider: Provider, keys: KeySet) -> None:
    provider.gate = asyncio.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await keys.get("one")
    provider.gate.set()
    assert await keys.get("one")


def small() -> Mapping[str, object]:
    return RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key(), as_dict=True) | {
        "kid": "one"
    }


def curve() -> Mapping[str, object]:
    return ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True) | {
        "kid": "one"
    }


@pytest.mark.parametrize(
    "entry",
    [
        ONE.public | {"kid": ""},
        ONE.public | {"kid": 5},
        {name: value for name, value in ONE.public.items() if name != "kid"},
        ONE.public | {"use": "enc"},
        ONE.public | {"use": None},
        ONE.public | {"alg": "RS512"},
        ONE.public | {"alg": "HS256"},
        ONE.public | {"kty": "oct", "k": "c2VjcmV0"},
        ONE.public | {"n": ""},
        ONE.public | {"n": "!"},
        ONE.public | {"n": "\ud800"},
        ONE.public | {"n": 5},
        ONE.public | {"e": encoded(b"\x02")},
        ONE.public | {"e": None},
        {name: value for name, value in ONE.public.items() if name != "n"},
        RSAAlgorithm.to_jwk(ONE.private, as_dict=True) | {"kid": "one"},
        small(),
        curve(),
        "one",
        None,
        [ONE.public],
    ],
    ids=lambda entry: repr(entry)[:20],
)
def test_what_is_no_key_of_ours_to_use(entry: object) -> None:
    assert usable({"keys": [entry]}) == {}
    assert list(usable({"keys": [entry, TWO.public]})) == ["two"]


def test_what_else_stands_in_a_set_does_no_harm() -> None:
    bare = {name: value for name, value in ONE.public.items() if name not in ("use", "alg")}
    assert list(usable({"keys": [small(), curve(), {}, 5, bare | {"x5c": 5, "more": []}]})) == ["one"]


def test_an_id_with_two_keys_names_none() -> None:
    same_name = TWO.public | {"kid": "one"}
    assert usable({"keys": [ONE.public, same_name]}) == {}
    assert list(usable({"keys": [ONE.public, same_name, TWO.public]})) == ["two"]
    # one that cannot be meant is not in the way
    assert list(usable({"keys": [ONE.public, same_name | {"use": "enc"}]})) == ["one"]


@pytest.mark.parametrize(
    "published", [{}, {"keys": None}, {"keys": {}}, {"keys": "one"}, {"keys": {"one": ONE.public}}]
)
def test_what_is_no_set(published: Mapping[str, object]) -> None:
    assert usable(published) == {}


def test_a_set_without_end_is_cut() -> None:
    assert usable({"keys": [*[{}] * 1000, ONE.public]}) == {}


any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["RSA", "sig"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*ONE.public, "d", "p", "q", "oth", "key_ops", "x5c"]),
            any_json | st.binary().map(encoded),
        ).map(lambda changes: {**ONE.public, **changes})
        | any_json,
        max_size=3,
    )
    | any_json
)
def test_any_set_gives_keys_or_none(published: object) -> None:
    for kid, key in usable({"keys": published}).items():
        assert kid
        assert isinstance(key.key, RSAPublicKey)
        assert key.key.key_size >= 2048


async def test_errors_hold_nothing_of_what_was_said(provider: Provider, keys: KeySet) -> None:
    provider.keys = ["canary"]
    with pytest.raises(OutsideError) as refused:
        await keys.get("canary")
    assert "canary" not in str(refused.value)
