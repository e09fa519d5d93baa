"""What was asked of the provider, in order, and a way to wait for it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One request. Those of the login page are left out: people's numbers are in them."""

    method: str
    path: str
    parameters: Mapping[str, str] = field(repr=False)
    """Of the address and the form."""
    cookies: bool
    """Whether it brought any."""
    status: int | None
    """Nothing when no answer went out."""


@dataclass
class Journal:
    """Keeps the calls and wakes those who wait for one."""

    calls: list[Call] = field(default_factory=list)
    assertions: list[str] = field(default_factory=list)
    """The ``jti`` of every client assertion whose signature held."""
    given: list[str] = field(default_factory=list, repr=False)
    """Every code, id_token and access token that went out: what nobody may ever write down."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def add(self, call: Call) -> None:
        """One more call is done."""
        self.calls.append(call)
        self._changed.set()
        self._changed = asyncio.Event()

    def to(self, path: str) -> list[Call]:
        """The calls to this path."""
        return [call for call in self.calls if call.path == path]

    def exchanges(self, code: str) -> list[Call]:
        """The calls to the token endpoint with this code."""
        return [call for call in self.to("/token") if call.parameters.get("code") == code]

    async def wait_for(self, condition: Callable[[], T], seconds: float = 5.0) -> T:
        """The first true value of the condition. ``TimeoutError`` when there is none in time."""
        async with asyncio.timeout(seconds):
            while not (value := condition()):
                await self._changed.wait()
        return value
