"""Block Kit, strictly: interactive elements and the small objects they are made of.

Limits: https://docs.slack.dev/reference/block-kit. What is not known here is refused, so a message that passes
uses only what Slack has had for years.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

SELECTS = ("static_select", "users_select", "conversations_select", "channels_select", "external_select")
MULTI_SELECTS = tuple(f"multi_{name}" for name in SELECTS)
CHOICES = (*SELECTS, *MULTI_SELECTS, "checkboxes", "radio_buttons", "datepicker", "timepicker")
TEXT_INPUTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where, as Slack points at it."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


@dataclass
class Checker:
    """Collects what is wrong while walking down a payload."""

    problems: list[Problem] = field(default_factory=list)

    def wrong(self, at: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(at, message))

    def keys(
        self, node: object, at: str, required: Collection[str], optional: Collection[str]
    ) -> Mapping[str, object]:
        """The node as an object with exactly these keys; an empty one, and a problem, when it is none."""
        if not isinstance(node, dict):
            self.wrong(at, "must be an object")
            return {}
        for key in required:
            if key not in node:
                self.wrong(at, f"missing required field: {key}")
        for key in node:
            if key not in required and key not in optional:
                self.wrong(at, f"invalid additional property: {key}")
        return node

    def string(self, node: object, at: str, most: int, least: int = 1) -> None:
        """A string of bounded length."""
        if not isinstance(node, str):
            self.wrong(at, "must be a string")
        elif len(node) > most:
            self.wrong(at, f"must be less than {most + 1} characters")
        elif len(node) < least:
            self.wrong(at, f"must be more than {least - 1} characters")

    def optional_strings(self, node: Mapping[str, object], at: str, limits: Mapping[str, int]) -> None:
        """Strings that may be absent, each with its limit."""
        for key, most in limits.items():
            if key in node:
                self.string(node[key], f"{at}/{key}", most, least=0)

    def flags(self, node: Mapping[str, object], at: str, *names: str) -> None:
        """Booleans that may be absent."""
        for name in names:
            if name in node and not isinstance(node[name], bool):
                self.wrong(f"{at}/{name}", "must be a boolean")

    def items(self, node: object, at: str, most: int, least: int = 1) -> Sequence[object]:
        """A list of bounded length."""
        if not isinstance(node, list):
            self.wrong(at, "must be an array")
            return ()
        if len(node) > most:
            self.wrong(at, f"no more than {most} items allowed")
        if len(node) < least:
            self.wrong(at, f"no fewer than {least} items allowed")
        return node

    def text(self, node: object, at: str, most: int, *, plain: bool = False) -> None:
        """A text object."""
        before = len(self.problems)
        kind = node.get("type") if isinstance(node, dict) else None
        if kind not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
            self.wrong(at, "must be a plain_text object" if plain else "must be a text object")
            return
        extra = ("emoji",) if kind == "plain_text" else ("verbatim",)
        found = self.keys(node, at, ("type", "text"), extra)
        self.flags(found, at, *extra)
        if "text" in found:
            self.string(found["text"], f"{at}/text", most)
        if len(self.problems) > before:
            self.problems.insert(before, Problem(at, "failed to match all allowed schemas"))

    def optional_text(
        self, node: Mapping[str, object], key: str, at: str, most: int, *, plain: bool = True
    ) -> None:
        """A text object that may be absent."""
        if key in node:
            self.text(node[key], f"{at}/{key}", most, plain=plain)

    def element(self, node: object, at: str, allowed: Collection[str]) -> str | None:
        """An interactive element or image of an allowed type; its action id."""
        kind = node.get("type") if isinstance(node, dict) else None
        if not isinstance(kind, str) or kind not in allowed or kind not in _ELEMENTS:
            self.wrong(at, f"unsupported type: {kind}")
            return None
        required, optional, check = _ELEMENTS[kind]
        found = self.keys(
            node, at, ("type", *required), ("action_id", *optional) if kind != "image" else optional
        )
        check(self, found, at)
        if "confirm" in found:
            _confirm(self, found["confirm"], f"{at}/confirm")
        self.optional_text(found, "placeholder", at, 150)
        self.flags(found, at, "focus_on_load", "multiline", "is_decimal_allowed")
        if "action_id" in found:
            self.string(found["action_id"], f"{at}/action_id", 255)
        action = found.get("action_id")
        return action if isinstance(action, str) else None


def _confirm(check: Checker, node: object, at: str) -> None:
    found = check.keys(node, at, ("title", "text", "confirm", "deny"), ("style",))
    for key, most in (("title", 100), ("confirm", 30), ("deny", 30)):
        check.optional_text(found, key, at, most)
    check.optional_text(found, "text", at, 300, plain=False)
    _style(check, found, at)


def _style(check: Checker, node: Mapping[str, object], at: str) -> None:
    if "style" in node and node["style"] not in ("primary", "danger"):
        check.wrong(f"{at}/style", "value is not in the list of allowed values")


def _button(check: Checker, node: Mapping[str, object], at: str) -> None:
    check.optional_text(node, "text", at, 75)
    check.optional_strings(node, at, {"value": 2000, "url": 3000, "accessibility_label": 75})
    url = node.get("url")
    if isinstance(url, str) and not url.startswith(("https://", "http://", "mailto:")):
        check.wrong(f"{at}/url", "must be a valid URL")
    _style(check, node, at)


def _option(check: Checker, node: object, at: str, *, plain: bool, url: bool) -> object:
    found = check.keys(node, at, ("text", "value"), ("description", "url") if url else ("description",))
    check.optional_text(found, "text", at, 75, plain=plain)
    check.optional_text(found, "description", at, 75, plain=plain)
    if "value" in found:
        check.string(found["value"], f"{at}/value", 150)
    check.optional_strings(found, at, {"url": 3000})
    return found.get("value")


def _options(
    check: Checker, node: object, at: str, most: int, *, plain: bool = True, url: bool = False
) -> None:
    values = [
        _option(check, each, f"{at}/{index}", plain=plain, url=url)
        for index, each in enumerate(check.items(node, at, most))
    ]
    if len(set(map(str, values))) < len(values):
        check.wrong(at, "option values must be unique")


def _initial(check: Checker, node: Mapping[str, object], at: str) -> None:
    """An initial option must be one of the options, letter for letter."""
    options = node.get("options")
    offered = list(options) if isinstance(options, list) else []
    groups = node.get("option_groups")
    for group in groups if isinstance(groups, list) else ():
        if isinstance(group, dict) and isinstance(group.get("options"), list):
            offered += group["options"]
    if "initial_option" in node and node["initial_option"] not in offered:
        check.wrong(f"{at}/initial_option", "must match one of the options")
    chosen = node.get("initial_options")
    if isinstance(chosen, list) and any(each not in offered for each in chosen):
        check.wrong(f"{at}/initial_options", "must match one of the options")


def _static_select(check: Checker, node: Mapping[str, object], at: str) -> None:
    if ("options" in node) == ("option_groups" in node):
        check.wrong(at, "must have exactly one of options and option_groups")
    elif "options" in node:
        _options(check, node["options"], f"{at}/options", 100)
    else:
        for index, each in enumerate(check.items(node["option_groups"], f"{at}/option_groups", 100)):
            place = f"{at}/option_groups/{index}"
            group = check.keys(each, place, ("label", "options"), ())
            check.optional_text(group, "label", place, 75)
            if "options" in group:
                _options(check, group["options"], f"{place}/options", 100)
    _initial(check, node, at)


def _overflow(check: Checker, node: Mapping[str, object], at: str) -> None:
    if "options" in node:
        _options(check, node["options"], f"{at}/options", 5, url=True)


def _ticks(check: Checker, node: Mapping[str, object], at: str) -> None:
    if "options" in node:
        _options(check, node["options"], f"{at}/options", 10, plain=False)
    _initial(check, node, at)


def _text_input(check: Checker, node: Mapping[str, object], at: str) -> None:
    check.optional_strings(node, at, {"initial_value": 3000})
    for key, least in (("min_length", 0), ("max_length", 1)):
        value = node.get(key, least)
        if not isinstance(value, int) or not least <= value <= 3000:
            check.wrong(f"{at}/{key}", "must be between 0 and 3000")


def _image(check: Checker, node: Mapping[str, object], at: str) -> None:
    check.optional_strings(node, at, {"image_url": 3000, "alt_text": 2000})


def _nothing_more(_check: Checker, _node: Mapping[str, object], _at: str) -> None:
    """Elements whose keys are all there is to check."""


Check = Callable[[Checker, Mapping[str, object], str], None]
_MENU = ("placeholder", "confirm", "focus_on_load")
_ELEMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Check]] = {
    "button": (("text",), ("value", "url", "style", "confirm", "accessibility_label"), _button),
    "image": (("image_url", "alt_text"), (), _image),
    "overflow": (("options",), ("confirm",), _overflow),
    "checkboxes": (("options",), ("initial_options", "confirm", "focus_on_load"), _ticks),
    "radio_buttons": (("options",), ("initial_option", "confirm", "focus_on_load"), _ticks),
    "static_select": ((), ("options", "option_groups", "initial_option", *_MENU), _static_select),
    "multi_static_select": (
        (),
        ("options", "option_groups", "initial_options", "max_selected_items", *_MENU),
        _static_select,
    ),
    "users_select": ((), ("initial_user", *_MENU), _nothing_more),
    "multi_users_select": ((), ("initial_users", "max_selected_items", *_MENU), _nothing_more),
    "datepicker": ((), ("initial_date", *_MENU), _nothing_more),
    "timepicker": ((), ("initial_time", "timezone", *_MENU), _nothing_more),
    "plain_text_input": (
        (),
        ("placeholder", "initial_value", "multiline", "min_length", "max_length", "focus_on_load"),
        _text_input,
    ),
    "email_text_input": ((), ("placeholder", "initial_value", "focus_on_load"), _text_input),
    "url_text_input": ((), ("placeholder", "initial_value", "focus_on_load"), _text_input),
    "number_input": (
        ("is_decimal_allowed",),
        ("placeholder", "initial_value", "min_value", "max_value", "focus_on_load"),
        _nothing_more,
    ),
}
