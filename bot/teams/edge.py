"""Where the activities of Teams come in: prove, translate, write down, answer. Nothing is decided here.

A message is written by ``receive`` before Teams hears that we have it; an invoke is written too, and then worked on at
once, since Teams shows what it is answered with. What could not be written gets no answer that counts, and comes again
(after 15 seconds: MicrosoftDocs/msteams-docs issue 6084).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.bodies import bounded
from bot.gate import Gate
from bot.jose import TokenRefused
from bot.outside import OutsideError
from bot.shapes import text
from bot.teams import activities, cards
from bot.teams.activities import Activity, Ignored, Looked
from bot.teams.answers import Answer, Answers, Form, Word
from bot.teams.chat import TeamsChat
from bot.teams.proof import CHANNEL, Proof
from bot.teams.remembering import Remembering
from bot.teams.standing import Standing
from handlers.events import Asked, Event, Installed, Person, Pressed, Removed, Submitted
from handlers.messages import Data, Language, Noted, OneMoment
from handlers.ports import ChatError
from handlers.store.errors import StoreError

LARGEST_BODY: Final = 512 * 1024
"""Bytes. A message with a large paste and its HTML copy has some 200 kB."""
PATIENCE: Final = 4.5
"""Seconds that a press waits for its answer; clients give up after five to fifteen."""
_REFUSED: Final = 403
"""By the specification of the Bot service's authentication."""

log = structlog.get_logger()


class Inbox(Protocol):
    """Where events are written down."""

    async def receive(self, event: Event) -> None:
        """Write it, once. Raises ``StoreError``."""
        ...

    async def begin(self, event: Event) -> asyncio.Task[None] | None:
        """Write it and work on it at once; nothing when it was seen before. Raises ``StoreError``."""
        ...


Showing = Callable[[Pressed], Awaitable[tuple[Data, Language] | None]]
"""The present state of the card that a button stands in, where it can be drawn."""


@dataclass(frozen=True)
class TeamsEdge:
    """Teams' way in."""

    chat: TeamsChat
    answers: Answers
    proof: Proof
    inbox: Inbox
    remembering: Remembering
    standing: Standing
    showing: Showing
    tongue: Callable[[Person, str], Awaitable[Language]]
    """The language of a person, by what they have chosen and what their client says."""
    gate: Gate
    patience: float = PATIENCE

    def routes(self) -> list[Route]:
        """``/teams/messages``, for everything Teams sends."""
        return [Route("/teams/messages", self._requested, methods=["POST"])]

    async def start(self) -> None:
        """See whether we get a token. ``TeamsRefused`` when that can never work."""
        await self.standing.start()

    async def stop(self, patience: float = 10.0) -> None:
        """Take nothing new, and let what came be written and answered."""
        if not await self.gate.close(patience):
            log.warning("teams.stopped_early")
        await self.standing.stop()

    def ready(self) -> str | None:
        """Why Teams does not work now, for ``/readyz``; None when it does."""
        return "teams: stopping" if self.gate.closed else self.standing.trouble

    async def _requested(self, request: Request) -> Response:
        with self.gate.passing() as inside:
            if not inside:
                return Response(status_code=503)
            try:
                read = await self._read(request)
                return Response(status_code=read) if isinstance(read, int) else await self._taken(read)
            except StoreError as error:
                # Not written, so not acknowledged. The text of the error may hold what somebody wrote.
                log.error("teams.not_received", error=type(error).__name__)
                return Response(status_code=503)

    async def _read(self, request: Request) -> Activity | int:
        """The activity, proved to be Teams'; or the status that it is refused with."""
        try:
            service = await self.proof.check(request.headers.get("authorization", ""))
            raw = await bounded(request, LARGEST_BODY)
        except TokenRefused as refused:
            log.warning("teams.refused", reason=refused.reason)
            return _REFUSED
        except OutsideError as error:
            log.warning("teams.keys_missing", error=type(error).__name__)
            return 503
        except ClientDisconnect:
            return 400
        if raw is None:
            return 413
        try:
            activity = json.loads(raw)
        except (ValueError, RecursionError):
            return 400
        if not isinstance(activity, dict):
            return 400
        return self._refusal(activity, service) or activity

    def _refusal(self, activity: Activity, service: str) -> int | None:
        """The token is for one service; the answer goes to no other, and to none that the settings do not list."""
        told = text(activity, "serviceUrl")
        if told.rstrip("/") != service.rstrip("/"):
            reason = "other-service"
        elif not self.chat.connector.services.allows(told):
            reason = "foreign-service"
        elif text(activity, "channelId") != CHANNEL:
            reason = "channel"
        else:
            return None
        log.warning("teams.refused", reason=reason)
        return _REFUSED

    async def _taken(self, activity: Activity) -> Response:
        found = activities.read(activity, self.chat.tenants)
        if isinstance(found, Ignored):
            log.debug("teams.ignored", reason=found.reason)
            return Response(status_code=200)
        if isinstance(found, Looked):
            return await self._shown(found.pressed, activities.locale_of(activity))
        if not isinstance(found, Removed):
            await self.remembering.renew(activity, anew=isinstance(found, Installed))
        if text(activity, "type") == "invoke" and isinstance(found, Pressed | Submitted):
            return await self._answered(found, activity)
        await self.inbox.receive(found)
        writing = BackgroundTask(self._typing, found) if isinstance(found, Asked) else None
        return Response(status_code=200, background=writing)

    async def _answered(self, event: Pressed | Submitted, activity: Activity) -> Response:
        """Work on it, and answer with what came of it within the time that Teams waits."""
        place = event.place if isinstance(event, Pressed) else None
        with self.answers.waiting(event.id, event.person, place) as pressing:
            work = await self.inbox.begin(event)
            if work is None:
                pressing.ended()
            else:
                work.add_done_callback(lambda _: pressing.ended())
            answer = await pressing.answer(self.patience)
        is_over, is_form = pressing.said.done(), text(activity, "name") != "adaptiveCard/action"
        if answer is None and is_over and isinstance(event, Submitted):
            # The dialog closes.
            return Response(status_code=200)
        if answer is None:
            moment = OneMoment(before_others=not activities.place_of(activity).private)
            answer = await self._word(Noted() if is_over else moment, event.person, activity)
        return JSONResponse(_task(answer) if is_form else _card_action(answer))

    async def _shown(self, pressed: Pressed, locale: str) -> Response:
        """The card as it is now, for a client that asks by itself. Nothing is written, and nothing happens."""
        now = await self.showing(pressed)
        if now is None:
            word = Word(
                cards.toast(self.chat.words.message(Noted(), await self.tongue(pressed.person, locale)))
            )
            return JSONResponse(_card_action(word))
        card = cards.message(self.chat.words.message(*now)).card
        return JSONResponse(
            {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": card}
        )

    async def _word(self, data: Data, person: Person, activity: Activity) -> Word:
        language = await self.tongue(person, activities.locale_of(activity))
        return Word(cards.toast(self.chat.words.message(data, language)))

    async def _typing(self, event: Asked) -> None:
        """A sign of life; nothing depends on it."""
        try:
            await self.chat.typing(event.place)
        except ChatError as error:
            log.debug("teams.typing_lost", error=type(error).__name__)


def _card_action(answer: Answer) -> Mapping[str, object]:
    """An empty word would count as no answer, and be shown as an error (vercel/chat pull request 903)."""
    match answer:
        case Word(text=said):
            return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": said}
        case Form():
            raise ValueError("a card cannot be answered with a form")


def _task(answer: Answer) -> Mapping[str, object]:
    match answer:
        case Word(text=said):
            return {"task": {"type": "message", "value": said}}
        case Form(task=value):
            return {"task": {"type": "continue", "value": value}}
