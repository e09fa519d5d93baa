"""What people hear of the rollout."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

from handlers.messages.base import Action, Data, Look


@dataclass(frozen=True)
class Reminder(Data):
    """Reminds of an activation day and says exactly what is missing."""

    activation_day: date
    offset: int
    """Days from the activation day as sent: -14 … 3."""
    missing: str
    """``everything``, ``only-telecom`` (SMS or voice, which stop), ``only-email``; ``unknown``: nobody could look."""
    as_of: datetime | None = None
    """When that was so, where it is hours ago."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Start now, or get help."""
        return (
            Action("setup.start", "setup", Look.PRIMARY),
            Action("reminders.done", ""),
            Action("questions.topic", "is-this-message-real"),
            Action("questions.person", ""),
        )

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Before, on and after the day."""
        day = date(2027, 1, 18)
        return (
            cls(day, -14, "everything"),
            cls(day, -7, "only-telecom"),
            cls(day, -1, "everything"),
            cls(day, 0, "everything"),
            cls(day, 3, "everything"),
            cls(day, -7, "only-email", datetime(2027, 1, 10, 22, 40, tzinfo=UTC)),
            cls(day, -3, "unknown"),
        )


@dataclass(frozen=True)
class ReadyNote(Data):
    """Tells somebody, once, that nothing is missing for their activation day."""

    activation_day: date
    spare: bool
    """Whether they have another way to sign in, should the phone get lost."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """A second way, where there is only one."""
        more = () if self.spare else (Action("questions.topic", "backup-method"),)
        return (*more, Action("questions.topic", "is-this-message-real"))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With another way and without."""
        day = date(2027, 1, 18)
        return (cls(day, spare=True), cls(day, spare=False))


@dataclass(frozen=True)
class DayMoved(Data):
    """Tells somebody who had been told of one activation day that it is another now."""

    before: date
    after: date
    missing: str
    """As in ``Reminder``."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """As in a reminder."""
        return Reminder(self.after, 0, self.missing).actions

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """To a later day, and to an earlier one."""
        first, second = date(2027, 1, 18), date(2027, 2, 8)
        return (cls(first, second, "everything"), cls(second, first, "only-telecom"))


@dataclass(frozen=True)
class Progress(Data):
    """The reply to "I have done it": what Graph says now, for the person themselves only."""

    missing: str
    """``nothing``, or as in ``Reminder``, or ``unknown`` when Graph or the link could not tell."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Go on, or get help, unless all is done."""
        if self.missing == "nothing":
            return ()
        return (Action("setup.start", "setup", Look.PRIMARY), Action("questions.person", ""))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per outcome."""
        return tuple(cls(it) for it in ("nothing", "everything", "only-telecom", "only-email", "unknown"))
