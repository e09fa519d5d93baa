"""Reads a plan file (``account,activation_day[,wave][,language]``): every bad line is named, none guessed at.

Comma or semicolon; UTF-8 with or without a byte order mark, or Windows-1252; dates ``2027-01-18`` or
``18.01.2027``. A line is one record (RFC 4180 without line breaks inside quotes), so that an unclosed quote
spoils its own line and no other. Problems never repeat a cell that could name a person.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from handlers.messages import Language
from handlers.rollout.encodings import UTF16, is_undecoded, text_of

ACCOUNT = "account"
ACTIVATION_DAY = "activation_day"
WAVE = "wave"
LANGUAGE = "language"
_REQUIRED = (ACCOUNT, ACTIVATION_DAY)
_COLUMNS = (*_REQUIRED, WAVE, LANGUAGE)
_FORM = "account,activation_day[,wave][,language]"

_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_NORWEGIAN = re.compile(r"(?P<day>[0-9]{2})\.(?P<month>[0-9]{2})\.(?P<year>[0-9]{4})")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_LONG_NUMBER = re.compile(r"[0-9]{6} ?[0-9]{5}")
_YEARS = range(2000, 2100)
_LONGEST_ACCOUNT = 256
_LONGEST_WAVE = 80
_LONGEST_NAME = 30
_SHOWN_COLUMNS = 8


@dataclass(frozen=True)
class LineProblem:
    """What is wrong with a line, and what to do about it. ``column`` is empty when it is the whole line."""

    line: int
    column: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of the plan. Without an activation day, the account leaves the plan."""

    line: int
    account: str
    activation_day: date | None
    wave: str | None = None
    language: Language | None = None


@dataclass(frozen=True)
class Parsed:
    """The good lines and the problems of the others, both in order of line."""

    rows: tuple[PlanRow, ...] = ()
    problems: tuple[LineProblem, ...] = ()
    columns: frozenset[str] = frozenset()
    """The columns that the file has. One that it lacks leaves what the plan holds."""


class _Bad(Exception):
    """A line cannot be read."""

    def __init__(self, column: str, what: str, remedy: str) -> None:
        super().__init__(what)
        self.column = column
        self.what = what
        self.remedy = remedy

    def at(self, line: int) -> LineProblem:
        return LineProblem(line, self.column, self.what, self.remedy)


@dataclass(frozen=True)
class _Header:
    delimiter: str
    places: dict[str, int]
    width: int


def parse(data: bytes) -> Parsed:
    """Read a whole file. When its header cannot be read, there are no rows and one problem."""
    if data.startswith(UTF16):
        return Parsed(problems=(_UTF16.at(1),))
    lines = _lines(text_of(data))
    number, first = next(lines, (1, ""))
    try:
        header = _header(first)
    except _Bad as bad:
        return Parsed(problems=(bad.at(number),))
    rows: list[PlanRow] = []
    problems: list[LineProblem] = []
    seen: dict[str, int] = {}
    for number, line in lines:
        try:
            row = _row(number, line, header, seen)
            if row is not None:
                rows.append(row)
        except _Bad as bad:
            problems.append(bad.at(number))
    return Parsed(tuple(rows), tuple(problems), frozenset(header.places))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, as an editor counts them."""
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        bare = line.rstrip("\n")
        if bare.strip():
            yield number, bare


def _header(line: str) -> _Header:
    delimiter = ";" if ";" in line else ","
    names = [name.strip().casefold() for name in _cells(line, delimiter)]
    found = [name for name in names if name]
    missing = [name for name in _REQUIRED if name not in found]
    if missing:
        raise _Bad(
            missing[0],
            f"missing column: {', '.join(missing)}; found: {_shown(found)}",
            f"begin the file with the line {_FORM}, in exactly these words",
        )
    for name in found:
        if name not in _COLUMNS:
            raise _Bad(
                _shown([name]),
                f'the column "{_shown([name])}" is not one of the plan\'s',
                f"remove it or correct its name; the columns are {', '.join(_COLUMNS)}",
            )
        if found.count(name) > 1:
            raise _Bad(name, f'the column "{name}" is there twice', "keep one of them")
    return _Header(delimiter, {name: names.index(name) for name in found}, len(names))


def _shown(names: Sequence[str]) -> str:
    """Column names as they may be repeated: a file without a header has its first person there."""
    shown = [
        "".join(c if c.isprintable() else "?" for c in _LONG_NUMBER.sub("…", name))[:_LONGEST_NAME]
        for name in names[:_SHOWN_COLUMNS]
    ]
    return ", ".join(shown + ["…"] * (len(names) > _SHOWN_COLUMNS)) or "nothing"


def _cells(line: str, delimiter: str) -> list[str]:
    if "\0" in line:
        raise _Bad("", "there is a NUL byte in the line", "save the file as CSV again, in UTF-8")
    if is_undecoded(line):
        raise _Bad(
            "",
            "the line holds bytes that are neither UTF-8 nor Windows-1252",
            "save the whole file in one encoding, preferably UTF-8",
        )
    try:
        return next(csv.reader((line,), delimiter=delimiter, strict=True), [])
    except csv.Error:
        raise _Bad(
            "",
            "a quotation mark is not closed, or there is text after a closing one",
            'quote a whole cell or nothing of it, and write a quotation mark inside as ""',
        ) from None


def _row(number: int, line: str, header: _Header, seen: dict[str, int]) -> PlanRow | None:
    """The row of a line; nothing for a line of empty cells, as spreadsheets leave below their data."""
    cells = [cell.strip() for cell in _cells(line, header.delimiter)]
    if not any(cells):
        return None
    if len(cells) < header.width:
        raise _Bad(
            "",
            f"the line has {len(cells)} cells and the header {header.width}",
            f'separate the cells with "{header.delimiter}" and leave none out, an empty one neither',
        )
    named = set(header.places.values())
    if any(cell for place, cell in enumerate(cells) if place not in named):
        raise _Bad(
            "",
            f"the line has more cells than the header has names ({len(named)})",
            f'quote a cell that holds "{header.delimiter}", and remove what belongs to no column',
        )
    values = {name: cells[place] for name, place in header.places.items()}
    account = _account(values[ACCOUNT])
    first = seen.setdefault(account.casefold(), number)
    if first != number:
        raise _Bad(ACCOUNT, *second_line(first))
    return PlanRow(
        number,
        account,
        _day(values[ACTIVATION_DAY]),
        _wave(values.get(WAVE, "")),
        _language(values.get(LANGUAGE, "")),
    )


def _account(cell: str) -> str:
    remedy = "write a user principal name, an e-mail address or an object id"
    if not cell:
        raise _Bad(ACCOUNT, "the account is empty", remedy)
    if len(cell) > _LONGEST_ACCOUNT or not cell.isprintable():
        raise _Bad(ACCOUNT, "the account is too long or holds control characters", remedy)
    if _ADDRESS.fullmatch(cell):
        return cell
    try:
        return str(UUID(cell))
    except ValueError:
        raise _Bad(ACCOUNT, "the account is neither an address nor an object id", remedy) from None


def _day(cell: str) -> date | None:
    if not cell:
        return None
    remedy = "write a date like 2027-01-18 or 18.01.2027, or nothing to take the account out of the plan"
    found = _ISO.fullmatch(cell) or _NORWEGIAN.fullmatch(cell)
    if found is None:
        raise _Bad(ACTIVATION_DAY, "the activation day is not written as a date", remedy)
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        raise _Bad(ACTIVATION_DAY, f"{cell} is not in the calendar", remedy) from None
    if day.year not in _YEARS:
        raise _Bad(ACTIVATION_DAY, f"the year {day.year} cannot be meant", remedy)
    return day


def second_line(first: int) -> tuple[str, str]:
    """What is wrong, and its remedy, when an account has been named before."""
    return f"the account is in line {first} already", "keep one of the two lines"


def _wave(cell: str) -> str | None:
    if len(cell) > _LONGEST_WAVE or not cell.isprintable():
        raise _Bad(
            WAVE,
            "the name of the wave is too long or holds control characters",
            f"use at most {_LONGEST_WAVE} ordinary characters",
        )
    return cell or None


def _language(cell: str) -> Language | None:
    if not cell:
        return None
    try:
        return Language(cell.casefold())
    except ValueError:
        raise _Bad(
            LANGUAGE,
            "the language is not one of ours",
            f"write {', '.join(Language)}, or nothing for the person's own",
        ) from None


_UTF16 = _Bad("", "the file is in UTF-16", "save it as CSV in UTF-8")
