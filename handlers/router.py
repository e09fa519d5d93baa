"""Every feature there is, and what each answers to."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

import structlog

from handlers import typed
from handlers.approvals import Approvals, feature
from handlers.events import Asked, Event, Gone, Installed, Opened, Pressed, Removed, Submitted
from handlers.home import Homes
from handlers.passes import Removing
from handlers.passes.switching import Switching
from handlers.preferences import Preferences
from handlers.questions.feature import Questions
from handlers.relay.feature import Relays
from handlers.reminders import Reminders
from handlers.setup.feature import Setup
from handlers.setup.steps import Press
from handlers.stops import Stops
from handlers.verification.asking import Asking
from handlers.verification.colleague import Colleagues
from handlers.verification.seen import Vouching
from handlers.welcome import Welcomes

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Router:
    """Takes one typed event to the one feature that answers it."""

    questions: Questions
    approvals: Approvals
    asking: Asking
    stops: Stops
    removing: Removing
    vouching: Vouching
    reminders: Reminders
    setup: Setup
    homes: Homes
    preferences: Preferences
    welcomes: Welcomes
    relays: Relays | None = None
    """When it is on, it is offered every event first."""
    colleagues: Colleagues | None = None
    """Offered every event before that."""
    switching: Switching | None = None
    """Offered every event before all others: it is there for when things go wrong."""
    pressed: Mapping[str, Callable[[Pressed], Awaitable[None]]] = field(init=False)

    def __post_init__(self) -> None:
        """The buttons, by action name."""
        table: dict[str, Callable[[Pressed], Awaitable[None]]] = {
            "questions.topic": self.questions.topic,
            "questions.person": self.questions.person,
            "questions.unhelpful": self.questions.unhelpful,
            "approvals.approve": self.approvals.approve,
            "approvals.deny": self.approvals.deny,
            "approvals.hold": self.approvals.hold,
            "approvals.take": self.approvals.take,
            "approvals.more": self.approvals.more,
            "links.decide": self.approvals.opened,
            "cases.start": self.asking.start,
            "cases.stop": self.stops.pressed,
            "cases.remove-old": self.removing.remove_pressed,
            "cases.keep-old": self.removing.keep_pressed,
            "vouching.open": self.vouching.pressed,
            "links.case": self.asking.opened,
            "links.recovery": self.asking.opened,
            "links.rollout": self.asking.opened,
            "reminders.done": self.reminders.done,
            "language.choose": self.preferences.choose,
            "setup.start": self.setup.start,
            **{f"setup.{press}": self.setup.press for press in Press},
        }
        object.__setattr__(self, "pressed", table)

    async def handle(self, event: Event) -> None:
        """Handle one event; handling it again changes nothing more."""
        for first in (self.switching, self.colleagues, self.relays):
            if first is not None and await first.handle(event):
                return
        match event:
            case Asked():
                await self._asked(event)
            case Pressed():
                await self._pressed(event)
            case Submitted():
                await self._submitted(event)
            case Opened():
                await self.homes.opened(event)
            case Installed():
                await self.welcomes.installed(event)
            case Removed():
                await self.welcomes.removed(event)
            case Gone():
                log.critical("app-removed", platform=event.platform, tenant=event.tenant)
            case _ as never:
                assert_never(never)

    async def _asked(self, event: Asked) -> None:
        """What was written: words that stand for a press, a wish, a call for help, or a question."""
        if (press := typed.pressed(event)) is not None:
            await self.handle(press)
        elif not (await self.preferences.asked(event) or await self.welcomes.asked(event)):
            await self.questions.asked(event)

    async def _pressed(self, event: Pressed) -> None:
        answer = self.pressed.get(event.action)
        if answer is None:
            log.warning("unknown-action", action=event.action)
        else:
            await answer(event)

    async def _submitted(self, event: Submitted) -> None:
        """The forms that no feature above has taken."""
        match event.form:
            case feature.DENY_FORM:
                await self.approvals.denied(event)
            case feature.MORE_FORM:
                await self.approvals.saved(event)
            case form:
                log.warning("unknown-form", form=form)
