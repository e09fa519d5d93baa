"""Which groups may decide on a case, and when. Pure: whoever asks Graph asks about these."""

from dataclasses import dataclass
from datetime import datetime

from handlers.records import Case
from handlers.rollout.when import Calendar


@dataclass(frozen=True)
class Deputies:
    """The groups beside ``approval.group``, by object id. What a case needs they need to give as well."""

    calendar: Calendar
    """When support is at work."""
    fallback: str | None = None
    on_call: str | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(group for group in (self.fallback, self.on_call) if group is not None)

    def at_work(self, at: datetime) -> bool:
        """Whether support is at work."""
        day = self.calendar.today(at)
        return not self.calendar.is_quiet(day) and at in self.calendar.window(day)

    def opening(self, at: datetime) -> datetime:
        """When support is at work next: at once, while it is."""
        day = self.calendar.today(at)
        while self.calendar.is_quiet(day) or self.calendar.window(day).closes <= at:
            day = self.calendar.next_day(day)
        return max(at, self.calendar.window(day).opens)

    def deciding(self, case: Case, at: datetime) -> tuple[str, ...]:
        """Those whose members may decide then: on call out of hours, the fallback once it was asked."""
        asked = case.fallback_at is not None and case.fallback_at <= at
        return tuple(
            group
            for group, may in ((self.fallback, asked), (self.on_call, not self.at_work(at)))
            if group is not None and may
        )
