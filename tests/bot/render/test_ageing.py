"""Facts that end are named in time."""

from datetime import date
from pathlib import Path

import pytest

from bot.render.ageing import ageing

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
    notices = list(ageing(folder, today))
    assert len(notices) == bool(said)
    for notice in notices:
        assert said in notice
        assert "templates/en/answers/codes.md.j2" in notice
        assert "Codes by text message work" in notice
        assert "https://example.org/codes" in notice


def test_the_end_of_codes_by_text_message_is_a_dated_fact_of_several_answers() -> None:
    named = {notice.split(" ")[0] for notice in ageing(TEMPLATES, date(2027, 1, 1))}
    assert {
        f"templates/en/answers/{topic}.md.j2" for topic in ("setup", "sms-or-call", "security-key")
    } <= named
    assert list(ageing(TEMPLATES, date(2026, 7, 1))) == []
