"""``/passes``: stop passes for everybody, and start them again, after a fresh sign-in."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.answering import Answering
from bot.web.signin import Gate, Purpose, Staff
from handlers.messages import PassesPage
from handlers.passes.switching import START, STOP, Switching
from handlers.ports import Clock
from handlers.signing_in.stepping import Stepping

_STATUS = {"not-approver": 403, "not-security": 403, "directory-down": 503}


@dataclass(frozen=True)
class PassesWeb:
    """Looking changes nothing; a press counts only within the time in which an approval would."""

    answering: Answering
    gate: Gate
    switching: Switching
    stepping: Stepping
    clock: Clock

    def routes(self) -> list[Route]:
        """What to mount."""
        gated = self.gate.signed_in
        return [
            Route("/passes", gated(Purpose.PASSES, self.look), methods=["GET"]),
            Route("/passes/{what}", gated(Purpose.PASSES, self.press), methods=["POST"]),
        ]

    async def look(self, request: Request, staff: Staff) -> Response:
        """How it stands."""
        return await self._shown(request, staff, "")

    async def press(self, request: Request, staff: Staff) -> Response:
        """Stop, or start."""
        what = request.path_params["what"]
        if what not in (STOP, START):
            raise HTTPException(404, "not-found")
        if not self._is_fresh(staff):
            return self.gate.ask(request, Purpose.PASSES)
        return await self._shown(request, staff, await self.switching.switch(staff.account, what))

    async def _shown(self, request: Request, staff: Staff, outcome: str) -> Response:
        if not self._is_fresh(staff):
            return self.gate.ask(request, Purpose.PASSES)
        stopped, breaker = await self.switching.stands()
        page = PassesPage(stopped, breaker, outcome)
        return self.answering.page(request, page, status=_STATUS.get(outcome, 200), target="/passes")

    def _is_fresh(self, staff: Staff) -> bool:
        return self.stepping.enough(staff.auth_time if staff.stepped_up else None, self.clock.now())
