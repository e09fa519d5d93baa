"""Renders a neutral message as Block Kit. What does not fit Slack's limits is split or shortened, never refused.

Limits: https://docs.slack.dev/reference/block-kit/blocks and /block-elements.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.render.message import Block, Button, Fact, Input, Message, Option
from bot.render.text import CUT, plain, short, units
from bot.slack import mrkdwn
from handlers.messages import FieldKind, Look

Json: TypeAlias = dict[str, object]

HEADER = 150
SECTION = 3000
BUTTON = 75
ID = 255
MODAL = 24
METADATA = 3000
CHARACTERS = 12_000
"""Of all blocks together. Slack documents no such limit; ``msg_blocks_too_long`` was seen near 13,200."""
_FACTS = 10
_FACT_LABEL, _FACT_VALUE = 60, 240
_BUTTONS = 10
_FALLBACK = 3000
_OPTION, _OPTION_VALUE = 75, 150
_TICKS, _CHOICES = 10, 100
_LABEL = 2000
_MARK = "#"
"""Between an action's name and what makes it unique in its message."""


@dataclass(frozen=True)
class SlackMessage:
    """Arguments of ``chat.postMessage``. ``text`` is what notifications and screen readers say."""

    text: str
    blocks: tuple[Json, ...]


def message(content: Message, *, details: bool = False) -> SlackMessage:
    """A chat message. ``details`` are left out unless asked for."""
    body = content.body + content.details if details else content.body
    frame = [*_header(content.title), *_facts(content.facts), *_actions(content.actions)]
    budget = CHARACTERS - len(json.dumps(frame, ensure_ascii=False))
    blocks = [
        *_header(content.title),
        *_body(body, budget),
        *_facts(content.facts),
        *_actions(content.actions),
    ]
    return SlackMessage(_fallback(content), tuple(blocks))


def modal(content: Message, callback_id: str, private_metadata: str) -> Json:
    """A form, or its outcome: the argument ``view`` of ``views.open`` and ``views.update``.

    A field's ``block_id`` and ``action_id`` are its name. The two ids are ours: too long is a ``ValueError``.
    """
    if len(callback_id) > ID or len(private_metadata) > METADATA:
        raise ValueError("the ids of a form are too long for Slack")
    body = [
        *_body(content.body, CHARACTERS // 2),
        *_facts(content.facts),
        *(block for field in content.fields for block in _input(field)),
        *_actions(content.actions),
    ]
    view: Json = {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": private_metadata,
        "title": _plain(content.title or content.submit or CUT, MODAL),
        "blocks": body or [_section(mrkdwn.literal(short(content.title, HEADER)) or CUT)],
    }
    if content.fields:
        view["submit"] = _plain(content.submit or CUT, MODAL)
    if content.close:
        view["close"] = _plain(content.close, MODAL)
    return view


def home(content: Message) -> Json:
    """What a Home tab shows: the argument ``view`` of ``views.publish``. Choices of one kind stand in a row."""
    blocks = [
        *_header(content.title),
        *_body(content.body, CHARACTERS),
        *_facts(content.facts),
        *_rows(content.actions),
    ]
    return {"type": "home", "blocks": blocks}


def action_name(action_id: str) -> str:
    """The name of the action behind the ``action_id`` of a pressed button."""
    return action_id.split(_MARK, 1)[0]


def _header(title: str) -> list[Json]:
    return [{"type": "header", "text": _plain(title, HEADER)}] if title else []


def _body(blocks: tuple[Block, ...], budget: int) -> list[Json]:
    return [_section(text) for text in mrkdwn.sections(blocks, SECTION, budget) if text.strip()]


def _section(text: str) -> Json:
    return {"type": "section", "text": _mrkdwn(text), "expand": True}


def _facts(facts: Sequence[Fact]) -> list[Json]:
    shown = [fact for fact in facts if fact.value][:_FACTS]
    return [{"type": "section", "fields": [_mrkdwn(_fact(fact)) for fact in shown]}] if shown else []


def _fact(fact: Fact) -> str:
    label = mrkdwn.literal(short(fact.label, _FACT_LABEL))
    return f"*{label}*\n{mrkdwn.literal(short(fact.value, _FACT_VALUE))}"


def _rows(buttons: Sequence[Button]) -> list[Json]:
    """Buttons that are choices of one kind have a row to themselves; the others share the first."""
    counted = Counter(button.name for button in buttons)
    choices = [name for name, count in counted.items() if count > 1]
    rows = [[button for button in buttons if button.name not in choices]]
    rows += [[button for button in buttons if button.name == name] for name in choices]
    return [block for row in rows for block in _actions(row)]


def _actions(buttons: Iterable[Button]) -> list[Json]:
    elements: list[Json] = []
    taken: set[str] = set()
    for button in buttons:
        # A record that does not fit can only be one of nobody's: pressing could not work, so nothing is offered.
        if len(button.record) <= ID and len(elements) < _BUTTONS:
            elements.append(_button(button, _unique(button.name, taken)))
    return [{"type": "actions", "elements": elements}] if elements else []


def _unique(name: str, taken: set[str]) -> str:
    """Slack wants each ``action_id`` of a message once; two topics to choose from have the same name."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}{_MARK}{number}"
    taken.add(candidate)
    return candidate


def _button(button: Button, action_id: str) -> Json:
    element: Json = {"type": "button", "action_id": action_id, "text": _plain(button.label, BUTTON)}
    if button.record:
        element["value"] = button.record
    if button.look is not Look.PLAIN:
        element["style"] = button.look.value
    if button.url:
        element["url"] = button.url
    return element


def _input(field: Input) -> list[Json]:
    block: Json = {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label, _LABEL),
        "element": _element(field),
        "optional": not field.required,
    }
    if field.hint:
        block["hint"] = _plain(field.hint, _LABEL)
    problem = mrkdwn.literal(short(field.problem, _LABEL // 2))
    return [_section(f"*{problem}*"), block] if problem else [block]


def _element(field: Input) -> Json:
    match field.kind:
        case FieldKind.TEXT | FieldKind.EMAIL:
            element: Json = {"type": "plain_text_input", "action_id": field.name}
            value = short(field.value, ID)
            return {**element, "initial_value": value} if value else element
        case FieldKind.PARAGRAPH:
            element = {"type": "plain_text_input", "action_id": field.name, "multiline": True}
            value = short(field.value, SECTION)
            return {**element, "initial_value": value} if value else element
        case FieldKind.CHECKS:
            options = [_option(option) for option in field.options[:_TICKS]]
            return {"type": "checkboxes", "action_id": field.name, "options": options}
        case FieldKind.CHOICE:
            options = [_option(option) for option in field.options[:_CHOICES]]
            return {"type": "static_select", "action_id": field.name, "options": options}
        case FieldKind.PERSON:
            return {"type": "users_select", "action_id": field.name}


def _option(option: Option) -> Json:
    return {"text": _plain(option.label, _OPTION), "value": option.value[:_OPTION_VALUE]}


def _plain(text: str, limit: int) -> Json:
    return {"type": "plain_text", "text": short(text, limit), "emoji": False}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _fallback(content: Message) -> str:
    """Slack reads this argument as mrkdwn too."""
    text, room = plain(content), _FALLBACK
    while units(fallback := mrkdwn.escape(short(text, room))) > _FALLBACK:
        room = room * 3 // 4
    return fallback
