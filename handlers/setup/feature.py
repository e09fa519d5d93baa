"""Takes people through a guide: one card in the private chat, which changes in place with every press."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from graph.methods import Method
from handlers.events import Pressed
from handlers.people import Known, People
from handlers.ports import Clock
from handlers.records import GuideRun
from handlers.setup import cards, steps
from handlers.setup.ending import Outcome, Verdict, at_start, has_old, judge, leads_to
from handlers.setup.looks import Looks
from handlers.setup.steps import At, Guide, Press, Step, View
from handlers.store import guides
from handlers.store.database import Database
from handlers.store.guides import Changes

log = structlog.get_logger(__name__)

_JUST_NOW: Final = timedelta(seconds=10)
"""A second press within this time is the same one: a double click, or one that crossed with the change it made."""


@dataclass(frozen=True)
class Setup:
    """A press moves the row of whoever pressed, and the card follows the row. Nothing here changes an account."""

    database: Database
    people: People
    looks: Looks
    clock: Clock
    recovery_url: str = ""
    """Where to make a recovery code, if anywhere."""

    async def start(self, event: Pressed) -> None:
        """Begin a guide, or offer to go on where this person was."""
        guide = cards.guide_of(event.record)
        known = await self.people.known(event.person)
        if guide is not None and known.profile.refusal is None:
            await self._start(event, known, guide)

    async def press(self, event: Pressed) -> None:
        """A button of a card. One of an older card, or of an older step, only shows where things stand."""
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            return
        async with self.database.transaction() as session:
            run = await guides.of_person(session, event.person)
        guide = cards.guide_of(event.record)
        if run is not None and event.record == cards.spot_of(run):
            await self._pressed(known, run, Press(event.action.removeprefix("setup.")))
        elif run is not None:
            await self._stale(event, known, run)
        elif guide is not None:
            await self._start(event, known, guide)

    async def _start(self, event: Pressed, known: Known, guide: Guide) -> None:
        now, card = self.clock.now(), _card(event)
        async with self.database.transaction() as session:
            before = await guides.of_person(session, event.person)
            if before is not None and _is_answered(
                before, guide, card, fresh=now - before.moved_at < _JUST_NOW
            ):
                return
            to = steps.first(guide)
            if before is None or before.done_at is not None or before.guide != guide:
                run = await guides.begin(
                    session, event.person, before, now, guide=guide, step=to.step, view=to.view, card=card
                )
            else:
                waits = cards.at_of(before)
                view = to.view if waits.step is to.step else View.AGAIN
                run = await guides.move(session, before, now, view=view, card=card)
            if run is None:
                return
            if before is not None and before.done_at is None:
                await cards.retire(session, before, known.language, now)
            await cards.show(session, run, cards.said(run), known.language, now)
        log.info("guide-begun", guide=guide, step=run.step)
        await self._after(known, run)

    async def _pressed(self, known: Known, run: GuideRun, press: Press) -> None:
        to, now = steps.pressed(cards.at_of(run), press), self.clock.now()
        if to is None:
            return
        if press is not Press.AGAIN:
            await self._move(known, run, to)
            return
        async with self.database.transaction() as session:
            anew = await guides.begin(
                session, known.person, run, now, guide=to.guide, step=to.step, view=to.view, card=run.card
            )
            if anew is None:
                return
            await cards.show(session, anew, cards.said(anew), known.language, now)
        await self._after(known, anew)

    async def _stale(self, event: Pressed, known: Known, run: GuideRun) -> None:
        """Show where the run stands: in its card, or in a new one below when that was another."""
        now = self.clock.now()
        if run.card == _card(event) or now - run.moved_at < _JUST_NOW:
            return
        to = steps.shown_again(cards.at_of(run), finished=run.done_at is not None)
        same = cards.is_on_card(event.record, run)
        async with self.database.transaction() as session:
            moved = await guides.move(
                session, run, now, view=to.view, card=run.card if same else _card(event)
            )
            if moved is None:
                return
            if not same and run.done_at is None:
                await cards.retire(session, run, known.language, now)
            await cards.show(session, moved, cards.said(moved), known.language, now)
        await self._after(known, moved)

    async def _move(self, known: Known, run: GuideRun, to: At) -> None:
        now = self.clock.now()
        async with self.database.transaction() as session:
            moved = await guides.move(session, run, now, step=to.step, view=to.view, device=to.device)
            if moved is None:
                return
            await cards.show(session, moved, cards.said(moved), known.language, now)
        await self._after(known, moved)

    async def _after(self, known: Known, run: GuideRun) -> None:
        """What follows from where the run stands now: a look, or a note of what was there at the start."""
        at = cards.at_of(run)
        if at.view is View.LOOK:
            await self._look(known, run)
        elif run.methods_before is None and steps.is_before_scan(at):
            await self._note(known, run)

    async def _look(self, known: Known, run: GuideRun) -> None:
        found = await self.looks.at_once(known.person, known.account)
        if isinstance(found, Outcome):
            await self._settle(known, run, Verdict(found))
            return
        guide, before = Guide(run.guide), _before(run)
        verdict = judge(guide, found, before, own_telecom=self.looks.own_telecom)
        await self._settle(known, run, verdict, found)

    async def _note(self, known: Known, run: GuideRun) -> None:
        """What is there at the start tells later what is new; whoever has the app already hears of it at once."""
        found = await self.looks.by_the_way(known.person, known.account)
        if found is None:
            return
        guide, at = Guide(run.guide), cards.at_of(run)
        noted = at_start(guide, found)
        verdict = judge(guide, found, noted, own_telecom=self.looks.own_telecom)
        if verdict.outcome is Outcome.ALREADY and at.step is Step.DEVICE and at.view is View.STEP:
            await self._settle(known, run, verdict, found)
            return
        async with self.database.transaction() as session:
            await guides.note_before(session, run, ",".join(noted))

    async def _settle(
        self, known: Known, run: GuideRun, verdict: Verdict, found: Sequence[Method] | None = None
    ) -> None:
        """Move to where a look leads, and say what it has shown."""
        at, now, before = cards.at_of(run), self.clock.now(), _before(run)
        old_left = found is not None and has_old(found, before)
        to = leads_to(at, verdict, old_left=old_left)
        lacking = await self.looks.missing(known.account, found) if found is not None else ""
        changes: Changes = {"guide": to.guide, "step": to.step, "view": to.view}
        if verdict.outcome is Outcome.DONE and to.view is View.END:
            changes["done_at"] = now
        async with self.database.transaction() as session:
            if found is not None and before is None:
                await guides.note_before(session, run, ",".join(at_start(at.guide, found)))
            moved = await guides.move(session, run, now, **changes)
            if moved is None:
                return
            ended = to.view is View.END
            data = (
                cards.ending(moved, verdict, lacking, self.recovery_url)
                if ended
                else cards.to_remove(moved, verdict)
            )
            await cards.show(session, moved, data, known.language, now)
        log.info("guide-looked", guide=at.guide, outcome=verdict.outcome)


def _card(event: Pressed) -> str:
    """The key of the card that an event puts into the chat."""
    return f"guide:{event.id}"


def _before(run: GuideRun) -> frozenset[str] | None:
    """Ids of the methods at the start, where they are known."""
    return None if run.methods_before is None else frozenset(filter(None, run.methods_before.split(",")))


def _is_answered(run: GuideRun, guide: Guide, card: str, *, fresh: bool) -> bool:
    """Whether this start has been dealt with: by the same event before, or by the first press of a double one."""
    if run.card == card:
        return True
    at = cards.at_of(run)
    begun = at.step is steps.first(guide).step or at.view is View.AGAIN
    return fresh and run.done_at is None and at.guide is guide and begun and at.view is not View.STOPPED
