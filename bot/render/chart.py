"""The chart of the rollout: for each wave, who was ready when, against its activation day. One small plot per wave, all
with the same days from left to right and everybody at the top, so that waves compare and no colour has to tell them
apart."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from bot.render.layout import environment
from bot.render.message import Message, Paragraph
from bot.render.text import short
from bot.render.words import Words
from handlers.messages import Language, RolloutChart, RolloutWave
from handlers.rollout.history import Course, Point

WIDTH: Final = 320
HEIGHT: Final = 192
LEFT: Final = 30
RIGHT: Final = 314
TOP: Final = 50
BOTTOM: Final = 164
_GAP: Final = 32
_HEAD: Final = 92
_LONGEST_NAME: Final = 30
_STEP: Final = 2
"""Of two points that are closer to each other from left to right, only the later one is drawn."""


@dataclass(frozen=True)
class Panel:
    """The plot of one wave, in units of ``WIDTH`` by ``HEIGHT``."""

    name: str
    said: str
    """All that it shows, in a sentence."""
    day: str
    """The activation day, in words."""
    count: str
    share: str
    line: str
    """What SVG draws: the path of those who are ready."""
    area: str
    """The same path, closed at the bottom."""
    dot: tuple[float, float]
    """Where it stands now."""
    mark: float
    """Where the activation day is."""
    first: str
    last: str


@dataclass(frozen=True)
class Chart:
    """The heading, and a panel for each wave; the same waves as rows of a table."""

    title: str
    said: str
    panels: tuple[Panel, ...]
    rows: tuple[tuple[Message, int], ...]
    """A wave in words, and how much of a hundred is ready."""


@dataclass(frozen=True)
class Scale:
    """From days to places: the first day is at the left edge, the last at the right one."""

    first: date
    last: date

    @classmethod
    def of(cls, courses: Iterable[Course], on: date) -> "Scale":
        """From the first day on record to today, or to the last activation day if that is later."""
        listed = list(courses)
        first = min((it.points[0].day for it in listed), default=on)
        return cls(first, max([on, *(it.activation_day for it in listed)]))

    def x(self, day: date) -> float:
        """Where a day is; one before the first is at the edge."""
        days = max((self.last - self.first).days, 1)
        gone = min(max((day - self.first).days, 0), days)
        return round(LEFT + (RIGHT - LEFT) * gone / days, 1)


def y(point: Point) -> float:
    """How high a point is: at the top is everybody."""
    share = point.ready / point.accounts if point.accounts else 0
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def track(points: Sequence[Point], scale: Scale) -> list[tuple[float, float]]:
    """The corners of a line through them: as many as can be seen, and none where it goes level."""
    at = {round(scale.x(point.day) / _STEP): (scale.x(point.day), y(point)) for point in points}
    corners = list(at.values())
    return [
        corner
        for number, corner in enumerate(corners)
        if number in (0, len(corners) - 1)
        or not corners[number - 1][1] == corner[1] == corners[number + 1][1]
    ]


def chart(
    words: Words, language: Language, courses: Sequence[Course], on: date, paused: Collection[str | None] = ()
) -> Chart:
    """The chart in a language, as of today. A pause without a wave pauses all of them."""
    rows = tuple(
        (words.message(_wave(course, on, paused), language), course.now.percent) for course in courses
    )
    accounts, ready = sum(it.now.accounts for it in courses), sum(it.now.ready for it in courses)
    head = words.message(RolloutChart(on, accounts, ready), language)
    scale, dates = Scale.of(courses, on), words.dates(language)
    ends = dates.short(scale.first), dates.short(scale.last) if scale.last > scale.first else ""
    panels = (_panel(course, row, scale, ends) for course, (row, _) in zip(courses, rows, strict=True))
    return Chart(head.title, _said(head), tuple(panels), rows)


def drawn(it: Chart, folder: Path) -> str:
    """The chart as a picture that stands by itself, in SVG: light or dark as whoever looks at it prefers."""
    number = len(it.panels)
    columns = number if number in (0, 1) else 2 if number in (2, 4) else 3
    rows = -(-number // columns) if columns else 0
    places = [
        (_GAP + at % columns * (WIDTH + _GAP), _HEAD + at // columns * (HEIGHT + _GAP))
        for at in range(number)
    ]
    return (
        environment(folder)
        .get_template("chart.svg.j2")
        .render(
            chart=it,
            width=_GAP + max(columns, 1) * (WIDTH + _GAP),
            height=_HEAD + rows * (HEIGHT + _GAP),
            placed=list(zip(it.panels, places, strict=True)),
        )
    )


def _wave(course: Course, on: date, paused: Collection[str | None]) -> RolloutWave:
    now = course.now
    return RolloutWave(
        wave=course.wave,
        activation_day=course.activation_day,
        on=on,
        accounts=now.accounts,
        ready=now.ready,
        percent=now.percent,
        elsewhen=course.elsewhen,
        is_paused=None in paused or course.wave in paused,
    )


def _panel(course: Course, row: Message, scale: Scale, ends: tuple[str, str]) -> Panel:
    corners = track(course.points, scale)
    line = "M" + "L".join(f"{x:g} {height:g}" for x, height in corners)
    (left, _), (right, _) = corners[0], corners[-1]
    _, day, *_, share = row.facts
    return Panel(
        name=short(row.title, _LONGEST_NAME),
        said=_said(row),
        day=day.value,
        count=f"{course.now.ready} / {course.now.accounts}",
        share=share.value,
        line=line,
        area=f"{line}L{right:g} {BOTTOM}L{left:g} {BOTTOM}Z",
        dot=corners[-1],
        mark=scale.x(course.activation_day),
        first=ends[0],
        last=ends[1],
    )


def _said(message: Message) -> str:
    paragraphs = (it.line for it in message.body if isinstance(it, Paragraph))
    return " ".join("".join(span.text for span in line) for line in paragraphs)
