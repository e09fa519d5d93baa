"""Reads a card as Teams' clients do: what it says, what in it is a link, and what can be pressed or filled in."""

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import jsonschema
from markdown_it import MarkdownIt
from microsoft_teams.cards import AdaptiveCard

from bot.teams.marking import Json

_SCHEMA = json.loads((resources.files("adaptive_cards") / "schemas" / "schema-1.5.json").read_text("utf-8"))
_PUBLISHED = jsonschema.Draft6Validator(_SCHEMA)
_MARKDOWN = MarkdownIt("commonmark", {"linkify": False}).enable(["strikethrough", "table"])
_LOOKALIKES = str.maketrans(
    dict(zip("∗∼ˋ［］＜＼＿＆∶｛＞！", "*~`[]<\\_&:{>!", strict=True)) | {"\u00a0": " "}
)
_TEXT = ("text", "title", "value", "label", "errorMessage", "fallbackText", "record")
_TEAMS_ONLY = ("msteams", "choices.data")


def refusals(card: Json) -> list[str]:
    """What the published schema, Microsoft's own models and the limits of Teams have against a card."""
    AdaptiveCard.model_validate(card)
    problems = [problem for alone in _alone(card) for problem in _against(json.dumps(_shape(alone)))]
    if len(json.dumps(card, ensure_ascii=False).encode("utf-16-le")) > 28 * 1024:
        problems.append("over 28 KB")
    for part in parts(card):
        if part.get("type") == "ActionSet" and not 0 < len(part["actions"]) <= 6:
            problems.append("a set of more than six buttons, or none")
        if "refresh" in part:
            problems.append("a card that asks for itself")
    return problems


def _alone(card: Any) -> Iterator[Json]:
    """A card for each element and action: the schema judges them one by one, and slowly."""
    rest = {name: each for name, each in card.items() if name not in ("body", "actions")}
    yield from ({**rest, "body": [element]} for element in card["body"])
    yield from ({**rest, "body": [], "actions": [action]} for action in card.get("actions", ()))


def _shape(part: Any) -> Any:
    """The card with the same word for all its text, and without what Teams adds to the format."""
    if isinstance(part, dict):
        known = {name: each for name, each in part.items() if name not in _TEAMS_ONLY}
        return {
            name: "text" if name in _TEXT and isinstance(each, str) else _shape(each)
            for name, each in known.items()
        }
    return [_shape(each) for each in part] if isinstance(part, list) else part


@cache
def _against(shape: str) -> list[str]:
    return [error.message for error in _PUBLISHED.iter_errors(json.loads(shape))]


def parts(part: Any) -> Iterator[dict[str, Any]]:
    """The card and everything in it, but for the data of buttons, which are nobody's but ours."""
    if isinstance(part, dict):
        yield part
        for name, each in part.items():
            if name != "data":
                yield from parts(each)
    elif isinstance(part, list):
        for each in part:
            yield from parts(each)


def marked(card: Json) -> Iterator[str]:
    """Every text that some client of Teams reads as Markdown."""
    for part in parts(card):
        match part.get("type"):
            case "TextBlock" | "TextRun":
                yield part["text"]
            case "FactSet":
                for fact in part["facts"]:
                    yield from (fact["title"], fact["value"])
            case "Input.ChoiceSet":
                yield from (choice["title"] for choice in part["choices"])
        yield from (str(part[name]) for name in ("label", "errorMessage") if name in part)


def read(text: str) -> tuple[str, list[str], set[str]]:
    """What one text says as Markdown, its links, and what else it turns into."""
    said, links, kinds = "", [], set()
    for block in _MARKDOWN.parse(text):
        for token in (block, *(block.children or ())):
            if token.type == "link_open":
                links.append(str(token.attrGet("href")))
            elif token.type == "text":
                said += token.content
            elif not token.type.startswith(("paragraph", "inline", "link")):
                kinds.add(token.type)
    return said, links, kinds


def says(card: Json) -> str:
    """All that a reader sees but for buttons, with the signs that stood there before they were made harmless."""
    return " ".join("\n".join(read(text)[0] for text in marked(card)).translate(_LOOKALIKES).split())


def links(card: Json) -> list[str]:
    """Where the texts of a card lead."""
    return [link for text in marked(card) for link in read(text)[1]]


def actions(card: Json) -> list[dict[str, Any]]:
    """Everything that can be pressed."""
    return [part for part in parts(card) if str(part.get("type", "")).startswith("Action.")]
