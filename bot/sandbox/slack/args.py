"""The arguments of a Web API request, from query, form or JSON, read with Slack's own complaints."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.slack.elements import Problem
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Refusal


def invalid(*messages: str) -> Refusal:
    """``invalid_arguments`` with its reasons."""
    return Refusal(
        "invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in messages]}
    )


def refused_blocks(error: str, problems: list[Problem]) -> Refusal:
    """Blocks that are not valid, with what is wrong and where."""
    messages = [str(problem) for problem in problems]
    return Refusal(
        error, errors=messages, response_metadata={"messages": [f"[ERROR] {each}" for each in messages]}
    )


@dataclass(frozen=True)
class Args:
    """Named arguments of one request."""

    given: Mapping[str, object]

    def text(self, name: str) -> str | None:
        """A string, or nothing when it is absent, null or empty."""
        value = self.given.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise invalid(f"must be a string [json-pointer:/{name}]")
        return value

    def required(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if value is None:
            raise invalid(f"missing required field: {name}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean, written in any of Slack's ways."""
        value = self.given.get(name)
        return default if value is None else str(value).lower() in ("true", "1")

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        value = self.given.get(name, default)
        try:
            return int(str(value))
        except ValueError:
            raise Refusal(f"invalid_{name}") from None

    def blocks(self) -> object:
        """The blocks, given as an array or as its JSON text; nothing when absent."""
        return self._decoded("blocks", "invalid_blocks_format")

    def view(self) -> Json:
        """The view, given as an object or as its JSON text."""
        value = self._decoded("view", "invalid_arguments")
        if value is None:
            raise invalid("missing required field: view")
        if not isinstance(value, dict):
            raise invalid("must be an object [json-pointer:/view]")
        return value

    def metadata(self) -> Json | None:
        """The message metadata."""
        value = self._decoded("metadata", "invalid_metadata_format")
        if value is None:
            return None
        if not isinstance(value, dict) or set(value) != {"event_type", "event_payload"}:
            raise Refusal("invalid_metadata_format")
        return value

    def _decoded(self, name: str, error: str) -> object:
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            decoded: object = json.loads(value)
        except ValueError:
            raise Refusal(error) from None
        return decoded
