"""Which cards the emulated Teams takes, beside the published schema of Adaptive Cards."""

import json
from copy import deepcopy
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.teams import Impossible, Json, check_card
from bot.sandbox.teams.forms import filled
from bot.sandbox.teams.shapes import ACTIONS, ELEMENTS, WORDS
from tests.bot.sandbox.teams_rig import card, execute, opening

SCHEMA = json.loads((files("adaptive_cards") / "schemas" / "schema-1.5.json").read_text(encoding="utf-8"))
PUBLISHED = jsonschema.Draft6Validator(SCHEMA)
OLDER = {
    version: jsonschema.Draft6Validator(
        json.loads((files("adaptive_cards") / "schemas" / f"schema-{version}.json").read_text())
    )
    for version in ("1.2", "1.4")
}

_OF_TEAMS = {"choices.data"}
"""What Teams knows besides."""
TEXT = {
    "type": "TextBlock",
    "text": "Hello",
    "wrap": True,
    "size": "Large",
    "weight": "bolder",
    "color": None,
}
GOOD: list[Json] = [
    TEXT | {"style": "heading", "spacing": "none", "separator": True, "isSubtle": True, "id": "t"},
    {
        "type": "RichTextBlock",
        "inlines": ["plain", {"type": "TextRun", "text": "run", "fontType": "monospace"}],
    },
    {"type": "Container", "items": [TEXT], "style": "emphasis", "bleed": True},
    {"type": "ColumnSet", "columns": [{"type": "Column", "width": "auto", "items": [TEXT]}, {"width": 2}]},
    {"type": "FactSet", "facts": [{"title": "Case", "value": "1"}]},
    {"type": "Image", "url": "https://example.com/a.png", "altText": "", "size": "small"},
    {"type": "ImageSet", "images": [{"type": "Image", "url": "https://example.com/a.png"}]},
    {"type": "ActionSet", "actions": [execute("a")]},
    {"type": "Table", "columns": [{"width": 1}], "rows": [{"cells": [{"items": [TEXT]}]}]},
    {"type": "Input.Text", "id": "i", "isMultiline": True, "maxLength": 10, "isRequired": True, "label": "L"},
    {"type": "Input.ChoiceSet", "id": "c", "choices": [{"title": "A", "value": "a"}], "style": "expanded"},
    {"type": "Input.Toggle", "id": "s", "title": "Sure", "valueOn": "yes"},
    {"type": "Input.Number", "id": "n", "min": 1, "max": 2},
    {"type": "Input.Date", "id": "d", "min": "2027-01-01"},
    {"type": "Input.Time", "id": "h", "value": "10:00"},
    {"type": "Media", "sources": [{"mimeType": "video/mp4", "url": "https://example.com/a.mp4"}]},
]
BUTTONS: list[Json] = [
    execute("approve", "Approve", record="r")
    | {"fallback": {"type": "Action.Submit", "title": "Approve", "data": {"record": "r"}}},
    opening("reply"),
    {"type": "Action.OpenUrl", "title": "Open", "url": "https://example.com", "tooltip": "There"},
    {"type": "Action.ShowCard", "title": "More", "card": {"type": "AdaptiveCard", "body": [TEXT]}},
    {"type": "Action.ToggleVisibility", "title": "Hide", "targetElements": ["t", {"elementId": "i"}]},
]
BAD: list[Json] = [
    {"type": "TextBlock"},
    {"type": "TextBlock", "text": 1},
    TEXT | {"size": "huge"},
    TEXT | {"colour": "good"},
    {"type": "Carousel", "pages": []},
    {"type": "Input.Text"},
    {"type": "Input.ChoiceSet", "id": "c", "choices": [{"title": "A"}]},
    {"type": "Container"},
    {"type": "FactSet", "facts": [{"title": "A"}]},
    {"type": "ColumnSet", "columns": [TEXT]},
    {"type": "RichTextBlock", "inlines": [{"text": "no type"}]},
    {"type": "ActionSet", "actions": [{"type": "Action.Http", "title": "x"}]},
    {"type": "Container", "items": [TEXT], "selectAction": BUTTONS[3]},
    {"type": "Image", "url": "x", "wrap": True},
]


def _named(definition: Json) -> set[str]:
    """The properties of something. The schema has a slip of the pen, ``rtl?``, which names none."""
    return {key for key in definition["properties"] if not key.endswith("?")}


def published(content: Json) -> bool:
    """What the published schema says."""
    return bool(PUBLISHED.is_valid(content))


@pytest.mark.parametrize("element", GOOD, ids=lambda each: str(each["type"]))
def test_every_element_is_taken(element: Json) -> None:
    assert check_card(card(body=[element])) == []
    assert published(card(body=[element]))


@pytest.mark.parametrize("button", BUTTONS, ids=lambda each: str(each["type"]))
def test_every_button_is_taken(button: Json) -> None:
    assert check_card(card(button)) == []
    assert published(card(button))


@pytest.mark.parametrize("element", BAD, ids=str)
def test_what_the_schema_forbids_is_refused(element: Json) -> None:
    assert check_card(card(body=[element]))
    assert not published(card(body=[element]))


def test_everything_in_the_tables_is_in_the_schema() -> None:
    known = SCHEMA["definitions"]
    for name, shape in (ELEMENTS | ACTIONS).items():
        assert set(shape.holds) - _OF_TEAMS | {"type"} == _named(known[name]), name
    assert {each["type"] for each in GOOD} == ELEMENTS.keys()
    assert {each["type"] for each in BUTTONS} == ACTIONS.keys()


def test_the_words_are_those_of_the_schema() -> None:
    told = [
        set(each["enum"])
        for definition in SCHEMA["definitions"].values()
        for each in definition.get("anyOf", ())
        if "enum" in each
    ]
    for words in WORDS.values():
        assert set(words.split()) in [{word.lower() for word in each} for each in told], words


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"type": "AdaptiveCard", "body": []}, "version"),
        (card(version="1.6"), "newer"),
        (card(version="latest"), "version"),
        (card(execute("a"), version="1.3"), "needs version 1.4"),
        (card(body=[GOOD[8]], version="1.4"), "needs version 1.5"),
        (card(body=[TEXT | {"id": "a"}, TEXT | {"id": "a"}]), "given twice"),
        (card(refresh={"action": execute("a"), "userIds": ["29:1"] * 61}), "more than 60"),
        (card(authentication={"connectionName": "x"}), "no authentication"),
        ({"type": "HeroCard"}, "not an AdaptiveCard"),
        ("text", "not an AdaptiveCard"),
    ],
)
def test_what_only_teams_forbids_is_refused(content: object, why: str) -> None:
    assert why in "; ".join(check_card(content))


def test_a_dialog_takes_no_execute() -> None:
    assert check_card(card(execute("a"))) == []
    assert "not in a dialog" in check_card(card(execute("a")), in_dialog=True)[0]


@pytest.mark.parametrize("version", OLDER)
def test_older_versions_hold_what_their_schema_holds(version: str) -> None:
    for element in GOOD:
        content = card(body=[element], version=version)
        if not check_card(content):
            assert OLDER[version].is_valid(content), element


_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 1, 1.5, "x", "small", "good", "auto", "https://example.com", [], {}, ["t"], [TEXT], TEXT]
)


@given(
    element=st.sampled_from([*GOOD, *BUTTONS]),
    key=st.sampled_from(
        "text size style items url facts choices id title data verb width isRequired inlines rows extra".split()
    ),
    value=_VALUES,
    drop=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_we_take_nothing_that_the_schema_refuses(element: Json, key: str, value: object, drop: bool) -> None:
    changed = deepcopy(element)
    if drop:
        changed.pop(key, None)
    else:
        changed[key] = value
    is_button = element["type"] in ACTIONS
    content = card(changed) if is_button else card(body=[changed])
    assert check_card(content) or published(content)


def test_a_person_can_be_looked_up_though_the_published_schema_does_not_know_it() -> None:
    """https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/people-picker."""
    query = {"type": "Data.Query", "dataset": "graph.microsoft.com/users"}
    picker: Json = {"type": "Input.ChoiceSet", "id": "colleague", "choices": []}
    typed = {"colleague": "7b1c1e0a-0000-4000-8000-9a073f1f7a9f"}
    asks = card(body=[picker | {"choices.data": query}])
    assert check_card(asks) == []
    assert check_card(card(body=[picker | {"choices.data": {"dataset": "x"}}])) != []
    assert filled(asks, typed) == typed
    with pytest.raises(Impossible):
        filled(asks, {"colleague": "Nora"})
