"""Plain text, and text made shorter."""

from hypothesis import given
from hypothesis import strategies as st

from bot.render.message import Fact, Message, Paragraph, Points, Span
from bot.render.text import plain, short, units


@given(st.text(), st.integers(1, 80))
def test_a_short_text_is_never_longer_than_it_may_be(text: str, limit: int) -> None:
    shortened = short(text, limit)
    assert units(shortened) <= limit
    assert shortened == text or shortened.endswith("…")


def test_it_is_cut_at_a_word_where_one_ends_near() -> None:
    assert short("one two three", 10) == "one two…"
    assert short("onetwothreefour five", 10) == "onetwothr…"
    assert short("one two", 7) == "one two"


def test_an_emoji_counts_as_two() -> None:
    assert units("a🔑") == 3
    assert short("🔑🔑🔑", 5) == "🔑🔑…"


def test_a_message_as_text() -> None:
    message = Message(
        title="Title",
        body=(
            Paragraph((Span("See "), Span("this page", url="https://fjordheim.example"))),
            Points(((Span("a"),), (Span("b"),)), ordered=True, start=2),
        ),
        facts=(Fact("Case", "K7QF-2M"),),
    )
    assert plain(message) == "Title\n\nSee this page\n\n2. a\n3. b\n\nCase: K7QF-2M"
    assert "See this page (https://fjordheim.example)" in plain(message, links=True)
