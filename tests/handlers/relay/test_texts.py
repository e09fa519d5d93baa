"""What crosses is clean, in lines, and not too long."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.relay.texts import LONGEST, MOST_LINES, called, excerpt, ready
from handlers.store.cleaning import clean


def test_lines_are_kept_and_empty_ones_left_out() -> None:
    assert ready("Hei!\n\n  Det   virker ikke.\r\n", cut=False).lines == ("Hei!", "Det virker ikke.")
    assert ready("Hei!", cut=False).notes == ()


def test_what_is_a_code_is_cut_and_said() -> None:
    said = ready("fnr 010190 12345 og x4TpQ9rZ", cut=False)
    assert said.lines == ("fnr … og …",)
    assert said.notes == ("cut",)
    assert ready("fnr …", cut=True).notes == ("cut",)
    assert ready("01   01   90    123   45", cut=False).lines == ("…",)


def test_without_words_there_is_nothing_to_pass_on() -> None:
    assert ready(" \n ", cut=False).notes == ("only-text",)
    assert ready("", cut=False).lines == ()


def test_what_is_too_long_goes_in_part_and_is_said() -> None:
    said = ready("ord " * 1000, cut=False)
    assert said.notes == ("long",)
    assert said.lines[0].endswith("…")
    many = ready("\n".join(f"linje {number}" for number in range(100)), cut=False)
    assert len(many.lines) == MOST_LINES
    assert many.notes == ("long",)
    assert ready("a" * LONGEST, cut=False).notes == ()


@given(st.text(max_size=4000), st.booleans())
def test_it_is_always_clean_and_bounded(text: str, cut: bool) -> None:
    said = ready(text, cut=cut)
    assert sum(map(len, said.lines)) <= LONGEST
    assert len(said.lines) <= MOST_LINES
    assert all(line and line == " ".join(line.split()) for line in said.lines)
    assert bool(said.lines) != ("only-text" in said.notes)
    assert len(excerpt(said.lines)) <= 161
    for line in said.lines:
        assert clean(line) == line


def test_a_name_is_a_name() -> None:
    assert called("  Kari\nNordmo ", "U1") == "Kari Nordmo"
    assert called("", "U1") == "U1"
    assert len(called("K" * 200, "U1")) == 60
    assert called("ring 010190 12345", "U1") == "ring …"
