"""Filling in a card as a person does, with the checks the Teams client makes before it lets them send it."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from bot.sandbox.teams.records import Json, inputs
from bot.sandbox.teams.tenant import Impossible

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def filled(card: Json, values: Mapping[str, str]) -> Json:
    """What the inputs of a card hold after a person typed these values, by input id.

    ``Impossible`` when there is no such input, when a required one stays empty, or when the client would not take it.
    """
    left = dict(values)
    result: Json = {}
    for each in inputs(card):
        given = left.pop(each["id"], None)
        value = _preset(each) if given is None else given
        _allow(each, value)
        if value or each["type"] == "Input.Toggle":
            result[each["id"]] = value
    if left:
        raise Impossible(f"the form has no such field: {', '.join(sorted(left))}")
    return result


def _preset(element: Json) -> str:
    if element["type"] == "Input.Toggle":
        return str(element.get("value", element.get("valueOff", "false")))
    return str(element.get("value", ""))


def _allow(element: Json, value: str) -> None:
    off = element.get("valueOff", "false") if element["type"] == "Input.Toggle" else ""
    if value in ("", off):
        if element.get("isRequired"):
            raise Impossible(f"a required field is empty: {element['id']}")
    elif wrong := _RULES[element["type"]](element, value):
        raise Impossible(f"{wrong}: {element['id']}")


def _text(element: Json, value: str) -> str:
    if len(value) > element.get("maxLength", 10_000):
        return "too long"
    if not element.get("isMultiline") and "\n" in value:
        return "takes one line only"
    return "" if re.search(element.get("regex", ""), value) else "not of the right form"


def _choice(element: Json, value: str) -> str:
    chosen = value.split(",") if element.get("isMultiSelect") else [value]
    if "choices.data" in element:
        # The client looks people up by itself, and gives their object ids.
        return "" if all(map(_ID.fullmatch, chosen)) else f"{value} is nobody"
    offered = {choice["value"] for choice in element.get("choices", ())}
    return "" if offered.issuperset(chosen) else f"there is no such choice as {value}"


def _toggle(element: Json, value: str) -> str:
    return "" if value == element.get("valueOn", "true") else "a tick is on or off"


def _number(element: Json, value: str) -> str:
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return "not a number"
    number = float(value)
    return "" if element.get("min", number) <= number <= element.get("max", number) else "too small or great"


def _moment(element: Json, value: str) -> str:
    form = r"\d{4}-\d{2}-\d{2}" if element["type"] == "Input.Date" else r"\d{2}:\d{2}"
    if not re.fullmatch(form, value):
        return "not of the right form"
    return "" if element.get("min", value) <= value <= element.get("max", value) else "too early or late"


_RULES: Final[Mapping[str, Callable[[Json, str], str]]] = {
    "Input.Text": _text,
    "Input.ChoiceSet": _choice,
    "Input.Toggle": _toggle,
    "Input.Number": _number,
    "Input.Date": _moment,
    "Input.Time": _moment,
}
