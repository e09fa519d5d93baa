"""Every feature there is, and what each answers to."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, assert_never

import structlog

from handlers.approvals import Approvals
from handlers.events import Asked, Event, Gone, Pressed, Submitted
from handlers.questions.feature import Questions
from handlers.reminders import Reminders
from handlers.stops import Stops

log = structlog.get_logger(__name__)


class Extra(Protocol):
    """A feature that is handed in: it is offered every event first, and tells whether it took it."""

    async def handle(self, event: Event) -> bool:
        """Take the event, or leave it to the others."""
        ...


@dataclass(frozen=True)
class Router:
    """Takes one typed event to the one feature that answers it."""

    questions: Questions
    approvals: Approvals
    stops: Stops
    reminders: Reminders
    extras: tuple[Extra, ...] = ()
    pressed: Mapping[str, Callable[[Pressed], Awaitable[None]]] = field(init=False)

    def __post_init__(self) -> None:
        """The buttons, by action name."""
        table: dict[str, Callable[[Pressed], Awaitable[None]]] = {
            "questions.topic": self.questions.topic,
            "questions.person": self.questions.person,
            "approvals.approve": self.approvals.approve,
            "approvals.deny": self.approvals.deny,
            "cases.stop": self.stops.pressed,
            "reminders.done": self.reminders.done,
        }
        object.__setattr__(self, "pressed", table)

    async def handle(self, event: Event) -> None:
        """Handle one event; handling it again changes nothing more."""
        for extra in self.extras:
            if await extra.handle(event):
                return
        match event:
            case Asked():
                await self.questions.asked(event)
            case Pressed():
                feature = self.pressed.get(event.action)
                if feature is None:
                    log.warning("unknown-action", action=event.action)
                else:
                    await feature(event)
            case Submitted():
                log.warning("unknown-form", form=event.form)
            case Gone():
                log.critical("app-removed", platform=event.platform, tenant=event.tenant)
            case _ as never:
                assert_never(never)
