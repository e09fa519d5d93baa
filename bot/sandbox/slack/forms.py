"""Filling in a modal as a person does, with the checks the Slack client makes before it lets them submit."""

import re
from collections.abc import Mapping

from bot.sandbox.slack.elements import TEXT_INPUTS
from bot.sandbox.slack.records import Json, View
from bot.sandbox.slack.workspace import Impossible

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def filled(view: View, values: Mapping[str, str]) -> Json:
    """The state of a view after a person typed these values, named by action id or block id.

    ``Impossible`` when there is no such input, when a required one stays empty, or when the client would not take it.
    """
    state: Json = {}
    left = dict(values)
    for block in view.inputs:
        element = block["element"]
        given = next(
            (left.pop(key) for key in (element["action_id"], block["block_id"]) if key in left), None
        )
        if given is None:
            given = _preset(element)
        if not given and not block.get("optional"):
            raise Impossible(f"a required field is empty: {element['action_id']}")
        state[block["block_id"]] = {element["action_id"]: _entry(element, given)}
    if left:
        raise Impossible(f"the form has no such field: {', '.join(sorted(left))}")
    return state


def chosen(element: Json, value: str) -> Json:
    """The option of a menu with this value."""
    for option in _options(element):
        if option["value"] == value:
            return option
    raise Impossible(f"there is no such option: {value}")


def _options(element: Json) -> list[Json]:
    options: list[Json] = list(element.get("options", ()))
    for group in element.get("option_groups", ()):
        options += group["options"]
    return options


def _preset(element: Json) -> str:
    if "initial_option" in element:
        return str(element["initial_option"]["value"])
    if "initial_options" in element:
        return ",".join(option["value"] for option in element["initial_options"])
    for key in ("initial_value", "initial_user", "initial_date", "initial_time"):
        if key in element:
            return str(element[key])
    return ""


def _entry(element: Json, value: str) -> Json:
    """What a filled-in element looks like in ``view.state.values``."""
    kind = element["type"]
    entry: Json = {"type": kind}
    if kind in TEXT_INPUTS:
        _typed(element, value)
        entry["value"] = value or None
    elif kind in ("static_select", "radio_buttons"):
        entry["selected_option"] = chosen(element, value) if value else None
    elif kind in ("multi_static_select", "checkboxes"):
        entry["selected_options"] = [chosen(element, each) for each in value.split(",") if each]
    elif kind == "users_select":
        entry["selected_user"] = value or None
    elif kind == "multi_users_select":
        entry["selected_users"] = [each for each in value.split(",") if each]
    elif kind == "datepicker":
        entry["selected_date"] = value or None
    elif kind == "timepicker":
        entry["selected_time"] = value or None
    return entry


def _typed(element: Json, value: str) -> None:
    """Refuse what the client would not let a person type."""
    if not value:
        return
    if not element.get("min_length", 0) <= len(value) <= element.get("max_length", 3000):
        raise Impossible(f"too short or too long: {element['action_id']}")
    if element["type"] == "email_text_input" and not _EMAIL.fullmatch(value):
        raise Impossible("not an e-mail address")
    if element["type"] == "number_input" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise Impossible("not a number")
