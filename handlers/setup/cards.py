"""The card of a run: what it says, what its buttons name, and the posts that put it into the chat."""

from datetime import datetime
from hashlib import sha256
from typing import Final, assert_never

from sqlalchemy.ext.asyncio import AsyncSession

from graph.methods import Kind
from handlers.events import Person
from handlers.messages import Data, Language, SetupEnd, SetupLook, SetupPause, SetupStep, SetupStuck
from handlers.records import GuideRun
from handlers.setup.ending import Outcome, Verdict
from handlers.setup.steps import At, Device, Guide, Step, View
from handlers.store import outbox
from handlers.store.cleaning import clean

_NAME: Final = 60
"""Letters of a method's name that are shown."""


def at_of(run: GuideRun) -> At:
    """Where a run stands."""
    device = Device(run.device) if run.device is not None else None
    return At(Guide(run.guide), Step(run.step), View(run.view), device)


def spot_of(run: GuideRun) -> str:
    """What the buttons of a card name: the guide, the step, how many moves led there, and which card it is."""
    return f"{run.guide}:{run.step}:{run.moves}:{_mark(run.card)}"


def is_on_card(spot: str, run: GuideRun) -> bool:
    """Whether a button stands in the card that the run has now, in whatever version of it."""
    return spot.rpartition(":")[2] == _mark(run.card)


def guide_of(spot: str) -> Guide | None:
    """The guide that a button names."""
    named = spot.partition(":")[0]
    return Guide(named) if named in {str(guide) for guide in Guide} else None


def said(run: GuideRun) -> Data:
    """What the card says where a run stands, save what a look has shown: see ``ending`` for that."""
    at, spot = at_of(run), spot_of(run)
    match at.view:
        case View.STEP:
            return SetupStep.of(spot, at)
        case View.STUCK:
            return SetupStuck(spot, at.guide, at.step, at.device)
        case View.LOOK | View.END:
            return SetupLook(spot, at.guide, at.step)
        case View.STOPPED:
            return SetupPause.of(spot, at, "stopped")
        case View.AGAIN:
            return SetupPause.of(spot, at, "again" if run.done_at is None else "finished")
        case _ as never:
            assert_never(never)


def to_remove(run: GuideRun, verdict: Verdict) -> Data:
    """An old method may go; perhaps the new one has just been seen."""
    return SetupStep.of(
        spot_of(run), at_of(run), arrived=verdict.outcome is Outcome.DONE, found=_called(verdict)
    )


def ending(run: GuideRun, verdict: Verdict, missing: str = "", recovery_url: str = "") -> Data:
    """What a look has shown."""
    at, method = at_of(run), verdict.method
    return SetupEnd(
        spot=spot_of(run),
        guide=at.guide,
        step=at.step,
        outcome=verdict.outcome,
        method=_called(verdict),
        app=method is not None and method.kind is Kind.AUTHENTICATOR,
        spare=verdict.spare,
        missing=missing if verdict.outcome is Outcome.NOT_YET else "",
        recovery_url=recovery_url if verdict.outcome is Outcome.DONE else "",
    )


async def show(session: AsyncSession, run: GuideRun, data: Data, language: Language, now: datetime) -> None:
    """Post the card of a run, or bring the posted one up to date."""
    if not await _post(session, run, data, language, now, run.card, None):
        await _post(session, run, data, language, now, f"{run.card}:{run.moves}", run.card)


async def retire(session: AsyncSession, run: GuideRun, language: Language, now: datetime) -> None:
    """The card of this run is not the one any more: it says so, and has no buttons."""
    data = SetupPause.of(spot_of(run), at_of(run), "moved")
    await _post(session, run, data, language, now, f"{run.card}:moved", run.card)


async def _post(
    session: AsyncSession,
    run: GuideRun,
    data: Data,
    language: Language,
    now: datetime,
    key: str,
    replaces: str | None,
) -> bool:
    person = Person(run.platform, run.tenant, run.user)
    post = outbox.Post(
        key=key, target=person, data=data, language=language, due_at=now, priority=1, replaces=replaces
    )
    return await outbox.add(session, post, tenant=run.tenant)


def _called(verdict: Verdict) -> str:
    name = verdict.method.display_name if verdict.method is not None else None
    return clean(name or "")[:_NAME]


def _mark(card: str) -> str:
    """Short, for a button; no secret."""
    return sha256(card.encode()).hexdigest()[:8]
