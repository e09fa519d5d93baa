"""Renders a neutral message as an Adaptive Card. What does not fit is split or shortened, never refused.

The format is described at https://adaptivecards.io/explorer; bots may use version 1.5 of it and no later one. Teams
takes 100 KB a message, and older parts of it 28 KB a card. Colours are the client's, so a card fits light and dark.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bot.render.message import Button, Fact, Input, Message, Option
from bot.render.text import CUT, plain, short, units
from bot.settings.values import is_loopback
from bot.teams.marking import URL_LENGTH, Json, elements, literal, said, size
from handlers.messages import FieldKind, Look

VERSION: Final = "1.5"
CONTENT_TYPE: Final = "application/vnd.microsoft.card.adaptive"
UNITS: Final = 14_000
"""Of a card in all, in UTF-16: two bytes each."""
RECORD: Final = 255
TITLE: Final = 150
BUTTON: Final = 75
SUMMARY: Final = 1000
TOAST: Final = 250
_FALLBACK: Final = 200
_BUTTONS, _FACTS, _INPUTS = 6_000, 3_000, 8_000
"""The most that each of these takes of a card; the text gets the rest."""
_FACT_LABEL, _FACT_VALUE = 60, 240
_LABEL, _HINT, _OPTION, _OPTION_VALUE = 150, 300, 150, 150
_RADIOS: Final = 5
_WIDE: Final = 4
"""Facts that make a card as wide as the client allows. Less is read more easily in a narrow one."""
_ROW, _ROW_BUTTONS, _PADDING = 40, 6, 4
"""Letters and buttons beside each other. Of a set, Teams shows six buttons, on a phone those that fit its width."""
_STYLES: Final = {Look.PRIMARY: "positive", Look.DANGER: "destructive"}
"""Clients that do not know them show an ordinary button."""
_PEOPLE: Final = "graph.microsoft.com/users"
"""Everybody in the organisation: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/people-picker."""


@dataclass(frozen=True)
class TeamsMessage:
    """What an activity holds. ``summary`` is what notifications, and clients without cards, say."""

    summary: str
    card: Json


def message(content: Message, *, details: bool = False) -> TeamsMessage:
    """A chat message. ``details`` are left out unless asked for."""
    text = content.body + content.details if details else content.body
    title, facts = _title(content.title), _facts(content.facts)
    buttons = _rows(content.actions, _pressed)
    room = UNITS - size(_card(content, [*title, *facts, *buttons]))
    body = [*title, *elements(text, room), *facts, *buttons] or [said(CUT)]
    card = _card(content, body)
    if sum(bool(fact.value) for fact in content.facts) >= _WIDE:
        card["msteams"] = {"width": "full"}
    return TeamsMessage(short(plain(content), SUMMARY) or CUT, card)


def dialog(content: Message, form: str, record: str) -> Json:
    """A form, or its outcome: the ``value`` of the task that answers ``task/fetch`` and ``task/submit``.

    An input's id is the name of its field. The two ids are ours: too long is a ``ValueError``. Dialogs know no press
    but sending, so a button that opens no page comes back as ``task/submit`` with its action.
    """
    if len(form) > RECORD or len(record) > RECORD:
        raise ValueError("the ids of a form are too long for Teams")
    facts, buttons = _facts(content.facts), _rows(content.actions, _sent)
    inputs = _inputs(content.fields)
    submit = [_submit(content, form, record)] if content.fields else []
    room = UNITS - size(_card(content, [*facts, *inputs, *buttons], submit))
    text = elements(content.body, room)
    body = [*text, *facts, *inputs, *buttons] or [said(short(content.title, TITLE) or CUT)]
    return {
        "title": short(content.title or content.submit or CUT, TITLE),
        "height": "medium" if content.fields else "small",
        "width": "medium",
        "card": {"contentType": CONTENT_TYPE, "content": _card(content, body, submit)},
    }


def toast(content: Message) -> str:
    """The message in a line or two, for the answer to a press that changes no card."""
    parts = [" ".join(part.split()) for part in plain(content).split("\n\n")]
    if content.title and content.title[-1] not in ".?!" and len(parts) > 1:
        parts[0] += ":"
    return short(" ".join(parts), TOAST) or CUT


def _card(content: Message, body: list[Json], actions: Sequence[Json] = ()) -> Json:
    card: Json = {
        "type": "AdaptiveCard",
        "version": VERSION,
        "fallbackText": literal(short(plain(content), _FALLBACK)) or CUT,
        "body": body,
    }
    return {**card, "actions": list(actions)} if actions else card


def _title(title: str) -> list[Json]:
    if not title:
        return []
    look = {"style": "heading", "size": "medium", "weight": "bolder", "wrap": True}
    return [{"type": "TextBlock", "text": literal(short(title, TITLE)), **look}]


def _facts(facts: Sequence[Fact]) -> list[Json]:
    rows = [_fact(fact) for fact in facts if fact.value]
    shown = [row for number, row in enumerate(rows) if size(rows[: number + 1]) <= _FACTS]
    return [{"type": "FactSet", "facts": shown}] if shown else []


def _fact(fact: Fact) -> Json:
    return {
        "title": literal(short(fact.label, _FACT_LABEL)),
        "value": literal(short(fact.value, _FACT_VALUE)),
    }


def _rows(buttons: Sequence[Button], form: Callable[[Button], Json]) -> list[Json]:
    """Short buttons share a row; a long one has its own, where every client shows the whole of it."""
    rows: list[list[Json]] = []
    width, left = _ROW, _BUTTONS
    for button in buttons:
        # A record that does not fit can only be one of nobody's: pressing could not work, so nothing is offered.
        if len(button.record) > RECORD or (button.url and not _is_page(button.url)):
            continue
        element = form(button)
        left -= size(element)
        if left < 0:
            break
        width += units(str(element["title"])) + _PADDING
        if width > _ROW or len(rows[-1]) >= _ROW_BUTTONS:
            rows.append([])
            width = units(str(element["title"])) + _PADDING
        rows[-1].append(element)
    return [{"type": "ActionSet", "actions": row} for row in rows]


def _pressed(button: Button) -> Json:
    """A button in chat."""
    if button.url:
        return {**_labelled("Action.OpenUrl", button), "url": button.url}
    if button.opens_form:
        opening = {"msteams": {"type": "task/fetch"}, **_data(button)}
        return {**_labelled("Action.Submit", button), "data": opening}
    return {
        **_labelled("Action.Execute", button),
        "verb": button.name,
        "data": _data(button),
        "fallback": _sent(button),
    }


def _sent(button: Button) -> Json:
    """A button in a dialog, and in chat for clients that do not know the newer one."""
    if button.url:
        return {**_labelled("Action.OpenUrl", button), "url": button.url}
    return {**_labelled("Action.Submit", button), "data": _data(button)}


def _data(button: Button) -> Json:
    return {"tofaktor": {"action": button.name, "record": button.record}}


def _labelled(kind: str, button: Button) -> Json:
    action: Json = {"type": kind, "title": short(button.label, BUTTON) or CUT}
    style = _STYLES.get(button.look)
    return {**action, "style": style} if style else action


def _is_page(url: str) -> bool:
    """Whether it is an address that the settings allow a page of ours to have."""
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    return secure and len(url) <= URL_LENGTH


def _submit(content: Message, form: str, record: str) -> Json:
    return {
        "type": "Action.Submit",
        "title": short(content.submit, BUTTON) or CUT,
        "style": _STYLES[Look.PRIMARY],
        "data": {"tofaktor": {"form": form, "record": record}},
    }


def _inputs(fields: Sequence[Input]) -> list[Json]:
    """The fields, with equal room for what stands in each."""
    empty = [element for field in fields for element in _field(field, 0)]
    room = max(_INPUTS - size(empty), 0) // max(len(fields), 1)
    return [element for field in fields for element in _field(field, room)]


def _field(field: Input, room: int) -> Iterator[Json]:
    """An input between what is wrong with it and its hint: neither has a place in it."""
    if field.problem:
        yield said(short(field.problem, _HINT), color="attention", weight="bolder")
    label = literal(short(field.label, _LABEL)) or CUT
    element: Json = {**_input(field, room), "id": field.name, "label": label}
    yield {**element, "isRequired": True, "errorMessage": label} if field.required else element
    if field.hint:
        yield {**said(short(field.hint, _HINT), isSubtle=True, size="small"), "spacing": "small"}


def _input(field: Input, room: int) -> Json:
    value: Json = {"value": short(field.value, room // 2)} if field.value else {}
    match field.kind:
        case FieldKind.TEXT:
            return {"type": "Input.Text", **value}
        case FieldKind.EMAIL:
            return {"type": "Input.Text", "style": "email", **value}
        case FieldKind.PARAGRAPH:
            return {"type": "Input.Text", "isMultiline": True, **value}
        case FieldKind.CHECKS:
            return {**_choices(field, room), "isMultiSelect": True, "style": "expanded", **value}
        case FieldKind.CHOICE:
            style = "expanded" if len(field.options) <= _RADIOS else "compact"
            return {**_choices(field, room), "style": style, **value}
        case FieldKind.PERSON:
            people = {"type": "Data.Query", "dataset": _PEOPLE}
            return {"type": "Input.ChoiceSet", "choices": [], "choices.data": people, **value}


def _choices(field: Input, room: int) -> Json:
    choices = [_choice(option) for option in field.options]
    shown = [choice for number, choice in enumerate(choices) if size(choices[: number + 1]) <= room]
    return {"type": "Input.ChoiceSet", "choices": shown, "wrap": True}


def _choice(option: Option) -> Json:
    return {"title": literal(short(option.label, _OPTION)), "value": option.value[:_OPTION_VALUE]}
