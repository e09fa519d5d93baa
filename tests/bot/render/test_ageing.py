"""Facts that end are named in time."""

from datetime import date
from pathlib import Path

import pytest

from bot.render.ageing import ageing, written
from bot.render.words import Words

TEMPLATES = Path(__file__).parents[3] / "templates"
_FACT = """---
title: Codes
dated:
  - fact: Codes by text message work
    source: https://example.org/codes
    date: 2026-06
    expires: 2027-02-01
  - fact: A code has six digits
    source: https://example.org/digits
    date: 2026-06
---
Codes.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "en" / "answers").mkdir(parents=True)
    (tmp_path / "en" / "answers" / "codes.md.j2").write_text(_FACT, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 12, 2), ""),
        (date(2026, 12, 3), "stops being true on 2027-02-01"),
        (date(2027, 1, 31), "stops being true on 2027-02-01"),
        (date(2027, 2, 1), "stopped being true on 2027-02-01"),
    ],
)
def test_a_fact_is_named_from_60_days_before_its_end(folder: Path, today: date, said: str) -> None:
    notices = list(ageing(written(folder), today))
    assert len(notices) == bool(said)
    for notice in notices:
        assert said in notice
        assert "templates/en/answers/codes.md.j2" in notice
        assert "https://example.org/codes" in notice


def test_the_end_of_codes_by_text_message_is_a_dated_fact_of_several_answers() -> None:
    (notice,) = ageing(written(TEMPLATES), date(2027, 1, 1))
    for topic in ("setup", "sms-or-call", "security-key"):
        assert f"templates/en/answers/{topic}.md.j2" in notice
    assert list(ageing(written(TEMPLATES), date(2026, 7, 1))) == []


def test_the_words_know_the_same_facts(words: Words) -> None:
    assert list(words.dated()) == list(written(TEMPLATES))
