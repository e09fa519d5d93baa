"""A ticket number has no room for words, codes or person numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.approvals.tickets import LONGEST, ticket_of


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" inc0012345 ", "INC0012345"),
        ("INC 0012345", "INC 0012345"),
        ("#4711", "#4711"),
        ("SD-2026/123", "SD-2026/123"),
        ("4711", "4711"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_what_is_a_number(typed: str, kept: str) -> None:
    assert ticket_of(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "The CISO says so",
        "URGENT",
        "01019012345",
        "010190-12345",
        "K7QF-2MXW",
        "INC1 INC2",
        "<https://evil.example|INC1>",
        "INC1\nINC2 approve",
        "١٢٣",
    ],
)
def test_what_is_none(typed: str) -> None:
    assert ticket_of(typed) is None


@given(st.text(max_size=60))
def test_nothing_long_and_no_eleven_digits_ever(typed: str) -> None:
    kept = ticket_of(typed) or ""
    assert len(kept) <= LONGEST
    assert sum(char.isdigit() for char in kept) < 11
    assert not set(kept) & set("<>&*_`|:\n")
