"""``/rollout``: how far the rollout has come, for those who approve and those who see requesters."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.render.chart import chart
from bot.render.html import Table
from bot.render.words import Words
from bot.web.answering import Answering, form, language
from bot.web.signin import Gate, Purpose, Staff
from handlers.messages import Data, Language, RolloutChat, RolloutPage, RolloutReason, RolloutStop
from handlers.rollout.overview import Status
from handlers.rollout.seeing import Seeing, View
from handlers.rollout.share import percent
from handlers.rollout.unreached import Wanted

HOME: Final = "/rollout"
PEOPLE: Final = f"{HOME}/people"
_STATUS: Final = {"not-support": 403, "directory-down": 503}


@dataclass(frozen=True)
class RolloutWeb:
    """Each route parses, calls one handler, and shows what it returns. What is searched for comes by POST, so that no
    name is in an address."""

    answering: Answering
    gate: Gate
    seeing: Seeing
    words: Words

    def routes(self) -> list[Route]:
        """What to mount."""
        gated = self.gate.signed_in
        return [
            Route(HOME, gated(Purpose.ROLLOUT, self.look), methods=["GET"]),
            Route(PEOPLE, gated(Purpose.ROLLOUT, self.people), methods=["GET", "POST"]),
            Route(f"{PEOPLE}/{{step}}", gated(Purpose.ROLLOUT, self.step), methods=["POST"]),
        ]

    async def look(self, request: Request, staff: Staff) -> Response:
        """The chart, the waves, who cannot be reminded and why, and how the reminders fare."""
        found = await self.seeing.view(staff.account)
        if isinstance(found, RolloutStop):
            return self._stop(request, found)
        spoken = language(request)
        paused = {each.wave for each in found.status.paused}
        drawn = chart(self.words, spoken, found.courses, found.on, paused)
        tables = (Table(drawn.rows), *self._tables(found.status, spoken))
        return self.answering.page(request, _page(found), target=HOME, chart=drawn, tables=tables)

    async def people(self, request: Request, staff: Staff) -> Response:
        """Who it is: everybody at first, then what was searched for."""
        sent = await form(request) if request.method == "POST" else {}
        wanted = Wanted.of(sent.get("who", ""), sent.get("reason", ""), sent.get("record", ""))
        found = await self.seeing.people(staff.account, wanted)
        if isinstance(found, RolloutStop):
            return self._stop(request, found)
        rows = [(self.words.message(row, language(request)), None) for row in found.rows]
        return self.answering.page(request, found.page, target=PEOPLE, tables=(Table(rows),))

    async def step(self, request: Request, staff: Staff) -> Response:
        """Leaf through what was searched for, or go back."""
        match request.path_params["step"]:
            case "earlier" | "later":
                return await self.people(request, staff)
            case "overview":
                return RedirectResponse(HOME, status_code=303)
            case _:
                raise HTTPException(404, "not-found")

    def _tables(self, status: Status, spoken: Language) -> Iterator[Table]:
        reasons = (RolloutReason(why, count) for why, count in status.cannot_be_reminded.items() if count)
        chats = (
            RolloutChat(name, sum(it.reachable.values()), sum(it.unreachable.values()), it.unknown)
            for name, it in status.reach.platforms.items()
            if status.accounts
        )
        for listed in (reasons, chats):
            yield self._table(tuple(listed), spoken)

    def _table(self, listed: tuple[Data, ...], spoken: Language) -> Table:
        rows = [(self.words.message(each, spoken), None) for each in listed]
        return Table(rows, rows[0][0].title if rows else "")

    def _stop(self, request: Request, stop: RolloutStop) -> Response:
        return self.answering.page(request, stop, status=_STATUS[stop.reason])


def _page(found: View) -> RolloutPage:
    status, fared = found.status, found.status.reminders
    return RolloutPage(
        on=found.on,
        accounts=status.accounts,
        ready=status.ready,
        percent=percent(status.ready, status.accounts),
        unreached=sum(status.cannot_be_reminded.values()),
        sent=fared["sent"],
        waiting=fared["pending"] + fared["sending"],
        failed=fared["failed"],
        stale=status.stale,
        paused=tuple(each.wave for each in status.paused if each.wave is not None),
        all_paused=any(each.wave is None for each in status.paused),
    )
