"""What the validator found, in words an administrator can act on. No value is ever repeated."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import ErrorDetails

from bot.settings import names
from bot.settings.values import Wording

_DATE = "must be a date such as 2027-01-18"
_WHOLE = "must be a whole number"
_TEXT = "must be text: put it in quotation marks"
_YES_NO = "must be true or false"

_WORDS = {
    "bool_parsing": _YES_NO,
    "bool_type": _YES_NO,
    "bytes_type": _TEXT,
    "date_from_datetime_inexact": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_parsing": _DATE,
    "date_type": _DATE,
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "missing": "is missing: a text has en, nb and nn, or is one text for all",
    "model_type": "must be a group of settings, with keys below it",
    "path_type": "must be the name of a file",
    "string_type": _TEXT,
    "tuple_type": "must be a list",
    "zoneinfo_str": "must be a time zone such as Europe/Oslo",
}


def are(keys: Sequence[str]) -> str:
    """``a, b and c are``, or ``a is``."""
    return f"{', '.join(keys[:-1])} and {keys[-1]} are" if keys[1:] else f"{keys[0]} is"


def of(error: ErrorDetails) -> tuple[names.Path, str]:
    """The key that is wrong, and the rest of the sentence."""
    key = tuple(str(part) for part in error["loc"] if isinstance(part, str))
    entry = next((f" (entry {part + 1})" for part in error["loc"] if isinstance(part, int)), "")
    return key, _what(error["type"], error.get("ctx", {}), key) + entry


def _what(kind: str, context: dict[str, Any], key: names.Path) -> str:
    match kind:
        case "value_error":
            return str(context["error"])
        case "extra_forbidden":
            return f"is not a setting{names.meant('.'.join(key), _all_names())}"
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "enum":
            return f"must be {context['expected'].replace(chr(39), '')}"
        case "model_type" if context["class_name"] == Wording.__name__:
            return "must be text, or one text each for en, nb and nn"
        case _:
            return _WORDS.get(kind, "is not right")


def _all_names() -> set[str]:
    paths = list(names.keys())
    return {".".join(path[:end]) for path in paths for end in range(1, len(path) + 1)}
