"""Whether we get a token of our own, without which Teams can be heard but not spoken to."""

import asyncio
from typing import Final

import structlog

from bot.platforms import PlatformRefused
from bot.teams.connector import Connector
from handlers.ports import ChatError, Rejected

log = structlog.get_logger()

_LOOK_EVERY: Final = 30.0
"""Seconds between looks. A token that is still good costs no request."""


class TeamsRefused(PlatformRefused):
    """Entra does not take our settings: one sentence that names the key."""


class Standing:
    """What the last look found."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._watching: asyncio.Task[None] | None = None
        self.trouble: str | None = "teams: not started"

    async def start(self) -> None:
        """Look, and go on looking. ``TeamsRefused`` when that is of no use; Entra being away is only noted."""
        await self._look()
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Look no more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def _look(self) -> None:
        before = self.trouble
        try:
            await self._connector.token()
        except Rejected as rejected:
            self.trouble = f"teams.app_id or its secret is refused by Entra ({rejected})"
            raise TeamsRefused(self.trouble) from None
        except ChatError:
            self.trouble = "teams: no token, since Entra is not reachable"
            return
        self.trouble = None
        if before is not None:
            log.info("teams.ready")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            known = self.trouble
            try:
                await self._look()
            except TeamsRefused as refused:
                if str(refused) != known:
                    log.error("teams.refused_by_entra", reason=str(refused))
