"""Whether Teams takes an Adaptive Card from a bot: its schema, and what Teams adds to that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.teams.records import Json, nodes
from bot.sandbox.teams.shapes import ACTIONS, ELEMENTS, PARTS, WORDS, Shape

CONTENT_TYPE: Final = "application/vnd.microsoft.card.adaptive"
NEWEST: Final = 1.5
"""The last version that bots may use."""
_USERS: Final = 60
_KIND: Final = re.compile(r"(?P<base>~?[\w.-]+)(?P<many>\+?)(?P<null>\??)(?:@(?P<since>[\d.]+))?")
_VERSION: Final = re.compile(r"1\.\d")


def check_card(card: object, *, in_dialog: bool = False) -> list[str]:
    """What is wrong with this card, if anything. A dialog takes no ``Action.Execute``."""
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return ["card: not an AdaptiveCard"]
    version = card.get("version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        return ["card.version: missing or malformed"]
    if float(version) > NEWEST:
        return [f"card.version: {version} is newer than bots may use, which is {NEWEST}"]
    check = _Check(float(version))
    check.shape(card, "card", "AdaptiveCard", PARTS["AdaptiveCard"])
    if not check.problems:
        check.problems += _rules(card, in_dialog=in_dialog)
    return check.problems


def _rules(card: Json, *, in_dialog: bool) -> list[str]:
    """What a schema cannot say."""
    found: list[str] = []
    ids = [node["id"] for node in nodes(card) if "id" in node]
    found += [f"id {each!r}: given twice" for each in sorted({each for each in ids if ids.count(each) > 1})]
    if len(card.get("refresh", {}).get("userIds", ())) > _USERS:
        found.append(f"card.refresh.userIds: more than {_USERS}")
    if in_dialog and any(node.get("type") == "Action.Execute" for node in nodes(card)):
        found.append("Action.Execute: not in a dialog")
    return found


@dataclass
class _Check:
    """Walks through a card that claims to be of one version."""

    version: float
    problems: list[str] = field(default_factory=list)

    def wrong(self, at: str, why: str) -> None:
        """Note what is not right where."""
        self.problems.append(f"{at}: {why}")

    def shape(self, node: object, at: str, name: str, shape: Shape) -> None:
        """A thing of this shape. Its type may be missing only where nothing else can stand."""
        if not isinstance(node, dict):
            self.wrong(at, f"not a {name}")
            return
        if node.get("type", name) != name:
            self.wrong(at, f"{node.get('type')!r} is not a {name}")
        if shape.since > self.version:
            self.wrong(at, f"{name} needs version {shape.since}")
        for key in shape.needs:
            if key not in node:
                self.wrong(at, f"{name} without {key}")
        for key, value in node.items():
            if key in shape.holds:
                self.value(value, f"{at}.{key}", shape.holds[key])
            elif key != "type":
                self.wrong(at, f"{name} has no {key}")

    def value(self, value: object, at: str, kind: str) -> None:
        """A value of this kind."""
        told = _KIND.fullmatch(kind)
        if told is None:
            raise ValueError(kind)
        if told["since"] and float(told["since"]) > self.version:
            self.wrong(at, f"needs version {told['since']}")
        if value is None and told["null"]:
            return
        if told["many"]:
            if not isinstance(value, list):
                self.wrong(at, "not a list")
                return
            for index, each in enumerate(value):
                self._one(each, f"{at}[{index}]", told["base"])
        else:
            self._one(value, at, told["base"])

    def _one(self, value: object, at: str, base: str) -> None:
        if base in WORDS:
            if not isinstance(value, str) or value.lower() not in WORDS[base].split():
                self.wrong(at, f"{value!r} is none of {WORDS[base]}")
        elif base.startswith("~"):
            self.shape(value, at, base[1:], PARTS[base[1:]])
        elif base in _PLAIN:
            if not isinstance(value, _PLAIN[base]) or (base != "bool" and isinstance(value, bool)):
                self.wrong(at, f"not of kind {base}")
        else:
            self._composed(value, at, base)

    def _composed(self, value: object, at: str, base: str) -> None:
        match base:
            case "element":
                self._typed(value, at, ELEMENTS)
            case "action":
                self._typed(value, at, ACTIONS)
            case "select":
                self._typed(value, at, {name: each for name, each in ACTIONS.items() if "Show" not in name})
            case "card":
                self.shape(value, at, "AdaptiveCard", PARTS["AdaptiveCard"])
            case "fallback" | "action-fallback":
                if not (isinstance(value, str) and value.lower() == "drop"):
                    self._typed(value, at, ELEMENTS if base == "fallback" else ACTIONS)
            case "inline" | "target" | "background":
                if not isinstance(value, str):
                    if base == "inline" and (not isinstance(value, dict) or "type" not in value):
                        self.wrong(at, "a run without type")
                    name = {"inline": "TextRun", "target": "TargetElement"}.get(base, "BackgroundImage")
                    self.shape(value, at, name, PARTS[name])
            case _:
                raise ValueError(base)

    def _typed(self, value: object, at: str, known: Mapping[str, Shape]) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in known:
            self.wrong(at, f"{kind!r} is not known here")
        else:
            self.shape(value, at, kind, known[kind])


_PLAIN: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "bool": bool,
    "number": (int, float),
    "object": dict,
    "data": (str, dict),
    "width": (str, int, float),
}
