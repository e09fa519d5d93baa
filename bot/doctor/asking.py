"""Asks one party, within a time limit: whatever it does, the others are asked all the same."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from bot.doctor.finding import Finding, wrong
from bot.eid.numbers import BrokenNumbers
from bot.outside import OutsideError
from bot.redaction import scrub
from bot.render.front import BrokenTemplate
from bot.settings import SettingsError
from graph.errors import GraphError
from graph.sending import Limits
from handlers.ports import ChatError, NotSent, TryLater
from handlers.store.errors import StoreError

WITHIN: Final = 20.0
"""Seconds for one check."""
LIMITS: Final = Limits(connect=5.0, read=10.0, tries=2, patience=5.0)
"""Of Microsoft Graph: who waits at a terminal is told soon."""

Look = Callable[[], Awaitable[Sequence[Finding]]]

_SAID = (
    BrokenNumbers,
    BrokenTemplate,
    ChatError,
    GraphError,
    NotSent,
    OutsideError,
    SettingsError,
    StoreError,
)
"""Errors whose text is a sentence of ours, or one that was cleaned."""


@dataclass(frozen=True)
class Check:
    """One look at one party. ``remedy`` is what helps when it gives no answer that can be judged."""

    name: str
    remedy: str
    look: Look
    within: float = WITHIN

    async def findings(self) -> Sequence[Finding]:
        """What was found, or why nothing was. Never raises what a party may do to us."""
        try:
            async with asyncio.timeout(self.within):
                return await self.look()
        except TryLater:
            found = "gives no answer, or asks to wait"
        except _SAID as error:
            found = scrub(str(error) or type(error).__name__).rstrip(".")
        except TimeoutError:
            found = f"no answer within {self.within:g} s"
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            # Their texts may hold an address with a key in it.
            found = f"cannot be asked ({type(error).__name__})"
        return [wrong(self.name, found, self.remedy)]
