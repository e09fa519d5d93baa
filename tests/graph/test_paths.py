"""Quoting: no value leaves its place, and none is lost on the way to the emulator."""

from urllib.parse import parse_qsl, unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entra.filters import Rules, parse
from graph.paths import equals, path, query_text

TEXT = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda value: value not in (".", ".."))


@given(TEXT)
def test_a_value_stays_one_segment_and_comes_back(value: str) -> None:
    sent = path("/groups/{group}/members", group=value).sent

    url = httpx.URL(f"https://graph.example/v1.0{sent}")
    segments = url.raw_path.decode().split("/")
    assert segments[:3] == ["", "v1.0", "groups"]
    assert [unquote(segment) for segment in segments[3:]] == [value, "members"]
    assert url.host == "graph.example"
    assert not url.fragment


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_what_would_climb_out_of_the_path_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not the id"):
        path("/users/{user}/manager", user=value)


def test_names_that_graph_reads_in_its_own_way() -> None:
    assert path("/users/{user}", user="ola_x.example#EXT#@y.example").sent.count("%23") == 2
    assert path("/users/{user}", user="$ola's@y.example").sent == "/users('%24ola%27%27s%40y.example')"
    assert path("/users/{user}/manager", user="$a@b").sent == "/users('%24a%40b')/manager"
    assert path("/groups/{group}", group="$a").sent == "/groups/%24a"


def test_only_the_template_is_shown() -> None:
    where = path("/users/{user}/manager", user="kari.braten@fjordheim.example")

    assert "kari" not in f"{where} {where!r}"
    assert "/users/{user}/manager" in str(where)


@given(TEXT)
def test_a_filter_finds_exactly_the_value_it_was_made_of(value: str) -> None:
    condition = parse(equals("mail", value), Rules(plain=frozenset({"mail"})))

    assert condition.test({"mail": value})
    assert not condition.test({"mail": f"{value}x"})
    assert not condition.test({"mail": "nobody@fjordheim.example"}) or value == "nobody@fjordheim.example"


@given(st.dictionaries(TEXT, st.text(st.characters(codec="utf-8"))))
def test_a_query_comes_back(query: dict[str, str]) -> None:
    url = httpx.URL(f"https://graph.example/users?{query_text(query)}")

    assert dict(parse_qsl(url.query.decode(), keep_blank_values=True)) == query
