"""Where a request comes from: never by the word of whoever sends it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from bot.web.guard import client_address, origin_of, same_origin

PUBLIC = "https://help.fjordheim.example"
PROXIES = ("10.0.0.0/8", "2001:db8:1::/48")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.7", None, "198.51.100.7"),
        ("198.51.100.7", "192.0.2.1", "198.51.100.7"),
        ("198.51.100.7", "10.0.0.1", "198.51.100.7"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", " 192.0.2.1 ", "192.0.2.1"),
        ("10.0.0.1", "192.0.2.1:50123", "192.0.2.1"),
        ("10.0.0.1", "[2001:db8:2::7]:50123", "2001:db8:2::7"),
        ("10.0.0.1", "[2001:db8:2::7]", "2001:db8:2::7"),
        ("10.0.0.1", "2001:db8:2::7", "2001:db8:2::7"),
        ("2001:db8:1::1", "192.0.2.1", "192.0.2.1"),
        ("::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("::ffff:198.51.100.7", "192.0.2.1", "198.51.100.7"),
        ("10.0.0.1", "anything", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.1, unknown", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.1, _hidden, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", ",", "10.0.0.1"),
        (None, "192.0.2.1", "unknown"),
        ("/run/bot.sock", "192.0.2.1", "unknown"),
    ],
)
def test_the_client_address(peer: str | None, forwarded: str | None, address: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == address


def test_without_proxies_nothing_is_believed() -> None:
    assert client_address("10.0.0.1", "192.0.2.1", ()) == "10.0.0.1"


@given(st.text(max_size=200))
def test_what_the_client_writes_in_front_changes_nothing(written: str) -> None:
    assert client_address("10.0.0.1", f"{written},192.0.2.1", PROXIES) == "192.0.2.1"


@given(st.none() | st.text(max_size=60), st.none() | st.text(max_size=200))
def test_an_address_is_an_address(peer: str | None, forwarded: str | None) -> None:
    assert len(client_address(peer, forwarded, PROXIES)) <= 60


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({}, False),
        ({"origin": PUBLIC}, True),
        ({"origin": f"{PUBLIC}:443"}, False),
        ({"origin": "http://help.fjordheim.example"}, False),
        ({"origin": "https://help.fjordheim.example.evil.example"}, False),
        ({"origin": ""}, False),
        ({"origin": "null"}, False),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, False),
        ({"origin": "null", "sec-fetch-site": "same-site"}, False),
        ({"origin": "null", "sec-fetch-site": "none"}, False),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, False),
        ({"host": "help.fjordheim.example", "referer": f"{PUBLIC}/case"}, False),
        ({"origin": "https://evil.example", "host": "evil.example"}, False),
    ],
)
def test_same_origin(headers: dict[str, str], same: bool) -> None:
    assert same_origin(Headers(headers), PUBLIC) is same


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://help.fjordheim.example", "https://help.fjordheim.example"),
        ("https://Help.Fjordheim.example:443", "https://help.fjordheim.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:80", "http://localhost"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_origins_are_written_as_browsers_do(url: str, origin: str) -> None:
    assert origin_of(url) == origin
