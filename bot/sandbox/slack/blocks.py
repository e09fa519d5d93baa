"""Block Kit, strictly: what a message, a modal and a Home tab may hold.

Limits: https://docs.slack.dev/reference/block-kit/blocks and /reference/views.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence

from bot.sandbox.slack.elements import (
    CHOICES,
    TEXT_INPUTS,
    Checker,
    Problem,
)
from bot.sandbox.slack.records import Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_CHARACTERS = 13_200
"""Measured, not documented: https://github.com/slackapi/bolt-js/issues/2509."""
MARKDOWN_CHARACTERS = 12_000
VIEW_BYTES = 250_000

_ACCESSORIES = ("button", "overflow", "image", *CHOICES)
_ACTIONS = ("button", "overflow", *CHOICES)
_INPUTS = (*TEXT_INPUTS, *CHOICES)


def check_message(blocks: object) -> list[Problem]:
    """What Slack would say against these blocks in a message."""
    check = Checker()
    _blocks(check, blocks, "/blocks", MESSAGE_BLOCKS, frozenset(_BLOCKS))
    return check.problems


def too_long(blocks: Sequence[Json]) -> bool:
    """True when the text of all blocks together is more than a message takes, though each block is fine."""
    markdown = sum(len(str(block["text"])) for block in blocks if block["type"] == "markdown")
    return markdown > MARKDOWN_CHARACTERS or _characters(list(blocks)) > MESSAGE_CHARACTERS


def check_view(view: object) -> list[Problem]:
    """What Slack would say against this view."""
    check = Checker()
    kind = view.get("type") if isinstance(view, dict) else None
    if kind not in ("modal", "home"):
        check.wrong("/view/type", "must be one of modal, home")
        return check.problems
    modal = ("title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled")
    found = check.keys(
        view,
        "/view",
        ("type", "blocks", "title") if kind == "modal" else ("type", "blocks"),
        ("callback_id", "private_metadata", "external_id", *(modal if kind == "modal" else ())),
    )
    for key in ("title", "submit", "close"):
        if found.get(key) is not None or key == "title":
            check.optional_text(found, key, "/view", 24)
    check.optional_strings(found, "/view", {"private_metadata": 3000, "callback_id": 255, "external_id": 255})
    check.flags(found, "/view", "clear_on_close", "notify_on_close", "submit_disabled")
    blocks = _blocks(
        check, found.get("blocks", []), "/view/blocks", VIEW_BLOCKS, _BLOCKS.keys() - {"markdown"}
    )
    if kind == "modal" and not found.get("submit") and any(_type(block) == "input" for block in blocks):
        check.wrong("/view/submit", "a view with input blocks must have a submit")
    return check.problems


def view_too_large(view: object) -> bool:
    """True when the view as a whole is over 250 KB."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES


def named(blocks: Sequence[Json]) -> tuple[Json, ...]:
    """The blocks as Slack keeps them: each with a block id, each interactive element with an action id."""
    kept: tuple[Json, ...] = tuple(json.loads(json.dumps(list(blocks))))
    for block in kept:
        block.setdefault("block_id", secrets.token_hex(3))
        for element in (*block.get("elements", ()), block.get("accessory"), block.get("element")):
            if isinstance(element, dict) and element.get("type") in _INTERACTIVE:
                element.setdefault("action_id", secrets.token_hex(3))
    return kept


_INTERACTIVE = frozenset((*_ACTIONS, *_INPUTS))


def _blocks(
    check: Checker, node: object, at: str, most: int, allowed: frozenset[str] | set[str]
) -> Sequence[object]:
    blocks = check.items(node, at, most, least=1 if at.startswith("/view") else 0)
    seen: set[object] = set()
    for index, block in enumerate(blocks):
        place = f"{at}/{index}"
        kind = _type(block)
        if not isinstance(block, dict) or kind not in allowed:
            check.wrong(place, f"unsupported type: {kind}")
            continue
        required, optional, rule = _BLOCKS[kind]
        found = check.keys(block, place, ("type", *required), ("block_id", *optional))
        check.optional_strings(found, place, {"block_id": 255})
        name = found.get("block_id")
        if isinstance(name, str):
            if name in seen:
                check.wrong(place, f"`block_id` {name} already exists")
            seen.add(name)
        rule(check, found, place)
    return blocks


def _type(block: object) -> str:
    return str(block.get("type")) if isinstance(block, dict) else ""


def _characters(node: object) -> int:
    if isinstance(node, dict):
        own = len(node["text"]) if isinstance(node.get("text"), str) else 0
        return own + sum(_characters(value) for value in node.values())
    if isinstance(node, list):
        return sum(_characters(each) for each in node)
    return 0


def _section(check: Checker, block: Mapping[str, object], at: str) -> None:
    if "text" not in block and "fields" not in block:
        check.wrong(at, "missing required field: text")
    check.optional_text(block, "text", at, 3000, plain=False)
    if "fields" in block:
        for index, each in enumerate(check.items(block["fields"], f"{at}/fields", 10)):
            check.text(each, f"{at}/fields/{index}", 2000)
    if "accessory" in block:
        check.element(block["accessory"], f"{at}/accessory", _ACCESSORIES)
    check.flags(block, at, "expand")


def _header(check: Checker, block: Mapping[str, object], at: str) -> None:
    check.optional_text(block, "text", at, 150)


def _actions(check: Checker, block: Mapping[str, object], at: str) -> None:
    seen: set[str] = set()
    for index, each in enumerate(check.items(block.get("elements", []), f"{at}/elements", 25)):
        action = check.element(each, f"{at}/elements/{index}", _ACTIONS)
        if action is not None:
            if action in seen:
                check.wrong(f"{at}/elements/{index}", f"`action_id` {action} already exists")
            seen.add(action)


def _context(check: Checker, block: Mapping[str, object], at: str) -> None:
    for index, each in enumerate(check.items(block.get("elements", []), f"{at}/elements", 10)):
        if _type(each) == "image":
            check.element(each, f"{at}/elements/{index}", ("image",))
        else:
            check.text(each, f"{at}/elements/{index}", 3000)


def _input(check: Checker, block: Mapping[str, object], at: str) -> None:
    check.optional_text(block, "label", at, 2000)
    check.optional_text(block, "hint", at, 2000)
    check.flags(block, at, "optional", "dispatch_action")
    if "element" in block:
        check.element(block["element"], f"{at}/element", _INPUTS)


def _image(check: Checker, block: Mapping[str, object], at: str) -> None:
    check.optional_strings(block, at, {"image_url": 3000, "alt_text": 2000})
    check.optional_text(block, "title", at, 2000)


def _markdown(check: Checker, block: Mapping[str, object], at: str) -> None:
    if "text" in block:
        check.string(block["text"], f"{at}/text", MARKDOWN_CHARACTERS)


def _divider(_check: Checker, _block: Mapping[str, object], _at: str) -> None:
    """A line has nothing to check."""


Rule = Callable[[Checker, Mapping[str, object], str], None]
_BLOCKS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Rule]] = {
    "section": ((), ("text", "fields", "accessory", "expand"), _section),
    "header": (("text",), (), _header),
    "divider": ((), (), _divider),
    "actions": (("elements",), (), _actions),
    "context": (("elements",), (), _context),
    "input": (("label", "element"), ("hint", "optional", "dispatch_action"), _input),
    "image": (("image_url", "alt_text"), ("title",), _image),
    "markdown": (("text",), (), _markdown),
}
