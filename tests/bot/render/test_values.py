"""Whatever a value holds, it stays one line of visible text and makes no structure."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.render import markdown
from bot.render.message import Paragraph, Points, Span
from bot.render.values import clean, shelter, unshelter


@given(st.text())
def test_a_cleaned_value_is_one_visible_line(value: str) -> None:
    cleaned = clean(value)
    assert cleaned == cleaned.strip()
    assert not any(unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} for sign in cleaned)
    assert clean(cleaned) == cleaned


def test_names_keep_their_letters() -> None:
    for name in ("Solveig Bråten", "Áile Ánnijot", "O’Brien-Ødegård", "李小龍", "محمد"):
        assert clean(name) == name


def test_bidirectional_and_hidden_characters_are_removed() -> None:
    assert clean("a\u202eb\u200bc\u2066d\ufeffe\u00adf\u3164g") == "abcdefg"
    assert clean(" one\r\n\ttwo\u2028three ") == "one two three"


@given(st.text().map(clean).filter(bool))
def test_markdown_sees_nothing_of_a_value(value: str) -> None:
    kept = markdown.parse(f"before {shelter(value)} **{shelter(value)}** after")
    assert kept == (Paragraph((Span(f"before {value} "), Span(value, bold=True), Span(" after"))),)


@given(st.text(alphabet="#*-+>`~[]()!<&\\_=1.: a\t\n", min_size=1).map(clean).filter(bool))
def test_a_value_at_the_beginning_of_a_line_makes_no_structure(value: str) -> None:
    assert markdown.parse(shelter(value)) == (Paragraph((Span(value),)),)
    assert markdown.parse(f"- {shelter(value)}") == (Points(((Span(value),),)),)
    assert markdown.parse(f"`{shelter(value)}`") == (Paragraph((Span(value, code=True),)),)


@given(st.text().map(clean))
def test_shelter_comes_back(value: str) -> None:
    assert unshelter(shelter(value)) == value
