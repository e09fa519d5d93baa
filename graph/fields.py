"""Reads Graph's JSON into types. What must be there and is not raises ``Unreadable``."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from graph.errors import Unreadable

TYPE = "@odata.type"

Row = Mapping[str, object]


def row(value: object) -> Row:
    """The value as an object."""
    if isinstance(value, dict):
        return value
    raise Unreadable("an object was expected")


def rows(holder: Row, name: str = "value") -> Sequence[Row]:
    """A list of objects, in a field that must be there."""
    found = holder.get(name)
    if not isinstance(found, list):
        raise Unreadable(f"a list was expected in {name}")
    return [row(entry) for entry in found]


def maybe_rows(holder: Row, name: str) -> Sequence[Row]:
    """A list of objects; empty when the field is null or absent."""
    return rows(holder, name) if holder.get(name) is not None else ()


def text(holder: Row, name: str) -> str:
    """A text that must be there."""
    found = holder.get(name)
    if isinstance(found, str) and found:
        return found
    raise Unreadable(f"a text was expected in {name}")


def maybe_text(holder: Row, name: str) -> str | None:
    """A text, or nothing when it is null, empty or absent."""
    found = holder.get(name)
    return found if isinstance(found, str) and found else None


def texts(holder: Row, name: str) -> tuple[str, ...]:
    """A list of texts; empty when the field is null or absent."""
    found = holder.get(name)
    return tuple(entry for entry in found if isinstance(entry, str)) if isinstance(found, list) else ()


def flag(holder: Row, name: str) -> bool:
    """A yes or no that must be there."""
    found = holder.get(name)
    if isinstance(found, bool):
        return found
    raise Unreadable(f"true or false was expected in {name}")


def maybe_flag(holder: Row, name: str) -> bool | None:
    """A yes or no, or nothing. The field itself must be there: absent means that it was not asked for."""
    if name not in holder:
        raise Unreadable(f"{name} is missing")
    return None if holder[name] is None else flag(holder, name)


def minutes(holder: Row, name: str) -> timedelta:
    """A number of minutes that must be there."""
    try:
        return timedelta(minutes=number(holder, name))
    except OverflowError:
        raise Unreadable(f"{name} is out of range") from None


def number(holder: Row, name: str) -> int:
    """A whole number that must be there."""
    found = holder.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    raise Unreadable(f"a number was expected in {name}")


def moment(holder: Row, name: str) -> datetime:
    """A time that must be there, in UTC."""
    found = maybe_moment(holder, name)
    if found is None:
        raise Unreadable(f"a time was expected in {name}")
    return found


def maybe_moment(holder: Row, name: str) -> datetime | None:
    """A time in UTC, or nothing when it is null or absent."""
    told = maybe_text(holder, name)
    if told is None:
        return None
    try:
        found = datetime.fromisoformat(told)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"a time was expected in {name}") from None
