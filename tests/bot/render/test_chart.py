"""The chart of the rollout."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.chart import BOTTOM, LEFT, RIGHT, TOP, Scale, chart, drawn, track, y
from bot.render.words import Words
from handlers.messages import Language
from handlers.rollout.history import Course, Point

ON: Final = date(2026, 12, 18)
DAY: Final = date(2027, 1, 18)
_SVG: Final = "{http://www.w3.org/2000/svg}"
_DAYS: Final = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@st.composite
def _points(draw: st.DrawFn) -> tuple[Point, ...]:
    days = sorted(draw(st.sets(_DAYS, min_size=1, max_size=400)))
    total = draw(st.integers(0, 50_000))
    return tuple(Point(day, total, draw(st.integers(0, total))) for day in days)


def _course(number: int, days: int, name: str | None = "Første") -> Course:
    points = (Point(ON - timedelta(days=days - 1 - at), 900, at % 900) for at in range(days))
    return Course(name, DAY + timedelta(days=14 * number), 0, tuple(points))


@given(_points(), _DAYS)
def test_a_line_goes_from_left_to_right_within_its_plot_and_ends_at_today(
    points: tuple[Point, ...], activation_day: date
) -> None:
    course = Course(None, activation_day, 0, points)
    scale = Scale.of([course], course.now.day)
    corners = track(points, scale)
    assert all(LEFT <= x <= RIGHT and TOP <= height <= BOTTOM for x, height in corners)
    assert [x for x, _ in corners] == sorted({x for x, _ in corners})
    assert corners[-1] == (scale.x(course.now.day), y(course.now))
    assert len(corners) <= (RIGHT - LEFT) // 2 + 2
    assert LEFT <= scale.x(activation_day) <= RIGHT


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("waves", "days"), [(0, 1), (1, 1), (1, 40), (4, 30), (12, 365)])
def test_a_picture_stands_by_itself_and_can_be_read_out(
    words: Words, templates: Path, language: Language, waves: int, days: int
) -> None:
    given = [_course(number, days) for number in range(waves)]
    it = chart(words, language, given, ON)
    picture = drawn(it, templates / "web")
    tree = ET.fromstring(picture)
    assert tree.get("role") == "img"
    told = [tree.findtext(f"{_SVG}title"), tree.findtext(f"{_SVG}desc")]
    assert all(told)
    assert all(panel.said in str(told[1]) for panel in it.panels)
    assert len(picture) < 60_000
    assert not re.search(r"(?:href|src|url\()", picture)
    assert "prefers-color-scheme: dark" in picture
    width, height = float(tree.get("width", 0)), float(tree.get("height", 0))
    places = re.findall(r"translate\((\d+) (\d+)\)", picture)
    assert len(set(places)) == waves
    assert all(int(x) + 320 <= width and int(down) + 192 <= height for x, down in places)


def test_a_hostile_name_is_a_name(words: Words, templates: Path) -> None:
    it = chart(words, Language.EN, [_course(0, 3, "</text><script>alert(1)</script> & a very long name")], ON)
    picture = drawn(it, templates / "web")
    ET.fromstring(picture)
    assert "<script" not in picture


def test_a_pause_is_told_of_the_wave_or_of_all(words: Words) -> None:
    given = [_course(0, 3, "First"), _course(1, 3, "Second")]
    for paused, told in (({"First"}, [True, False]), ({None}, [True, True]), (set(), [False, False])):
        it = chart(words, Language.EN, given, ON, paused)
        assert ["paused" in row.facts[0].value for row, _ in it.rows] == told
