"""Trigger ids: what an interaction gives the app to open a modal with, once and for three seconds."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.slack.workspace import Refusal


@dataclass
class Trigger:
    """One permission to open a modal for one person."""

    user: str
    issued: float
    view_id: str | None
    used: bool = False


@dataclass
class Triggers:
    """Issues and redeems trigger ids. Their age is real, whatever the workspace's clock says."""

    monotonic: Callable[[], float]
    lifetime: float = 3.0
    _issued: dict[str, Trigger] = field(default_factory=dict)

    def issue(self, user: str, view_id: str | None = None) -> str:
        """A new trigger id for what this person just did, inside a view if they did it there."""
        name = f"{len(self._issued) + 1000}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self._issued[name] = Trigger(user, self.monotonic(), view_id)
        return name

    def redeem(self, name: str) -> Trigger:
        """Exchange a trigger id. A second or late try is refused."""
        trigger = self._issued.get(name)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self.monotonic() - trigger.issued > self.lifetime:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger
