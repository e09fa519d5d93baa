"""The link that says "it wasn't me", ``/not-me/{token}``. Opening it changes nothing; pressing the button does."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.answering import Answering
from handlers.messages import NotMeDone, NotMePage
from handlers.notices.disowning import LINK, Disowning
from handlers.ports import Clock
from handlers.records import Case
from handlers.store import limits
from handlers.store.database import Database

_HOUR: Final = timedelta(hours=1)
MISSES: Final = 30
"""How many links that do not work one address may try in an hour. One that works is never held up."""


@dataclass(frozen=True)
class NotMeWeb:
    """A link that does not work gets one answer, whatever the cause."""

    answering: Answering
    database: Database
    disowning: Disowning
    clock: Clock

    def routes(self) -> list[Route]:
        """What to mount. The page's button leads to ``/stop`` below its own address."""
        guarded = self.answering.guarded
        return [
            Route("/not-me/{token}", guarded(self.page), methods=["GET"]),
            Route("/not-me/{token}", guarded(self.stop), methods=["POST"]),
            Route("/not-me/{token}/stop", guarded(self.stop), methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """What it is about."""
        case = await self._case(request)
        page = NotMePage(case.id, case.target_upn, case.opened_at)
        return self.answering.page(request, page, target=f"/not-me/{request.path_params['token']}")

    async def stop(self, request: Request) -> Response:
        """Say it. Saying it again changes nothing, and is thanked for."""
        case = await self._case(request)
        await self.disowning.disown(case, LINK)
        return self.answering.page(request, NotMeDone(case.id))

    async def _case(self, request: Request) -> Case:
        case = await self.disowning.case_of(request.path_params["token"])
        if case is not None:
            return case
        subject = f"not-me:{self.answering.address(request)}"
        async with self.database.transaction() as session:
            allowed = await limits.hit(session, subject, self.clock.now(), _HOUR, MISSES)
        if not allowed:
            raise HTTPException(429, "too-many")
        raise HTTPException(404, "not-found")
