"""The numbers of the policy, with the defaults that it was written for."""

from dataclasses import dataclass
from datetime import timedelta

from handlers.verification.policy.routes import DEFAULT_ROUTES, Route

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Bar:
    """How many approvers a kind of proof takes, and how long the pass waits after the last of them."""

    approvals: int
    delay: timedelta = timedelta(0)
    staffed: bool = False
    """Whether the wait runs only while support is at work."""


NOTHING = Bar(0)


@dataclass(frozen=True)
class Rules:
    """Everything about the policy that settings can change; ``bot.settings`` refuses what would open a hole."""

    routes: tuple[Route, ...] = DEFAULT_ROUTES
    strong: Bar = Bar(1)
    """Class A with an eID, or seen at the desk."""
    weak: Bar = Bar(2, 4 * HOUR, staffed=True)
    """Class A with two different weak methods."""
    strict: Bar = Bar(2)
    """Class B, or class A with the bar raised, with an eID of the highest level, or seen by two agents."""
    strict_eid: Bar = Bar(2, HOUR)
    """The same with an eID of the level below, and a code sent to the phone on file."""
    strictest: Bar = Bar(2, HOUR)
    """Class B with the bar raised."""
    evidence_age: timedelta = timedelta(minutes=60)
    """How old evidence may be when the first approver decides on it, and when the pass is shown."""
    changed_days: int = 7
    """For how long a new password or method raises the bar."""
    link_days: int = 30
    """For how long a chat account that is new to us raises the bar."""
    contact_days: int = 30
    """For how long a private number or mailbox that is new raises the bar."""
    often_cases: int = 2
    """How many earlier cases within ``cases_window`` raise the bar."""
    cases_per_target: int = 3
    cases_window: timedelta = timedelta(days=30)
    cool_down: timedelta = timedelta(hours=24)
    """How long nobody can open a new case for a target after one was denied or stopped."""
    approvals_per_hour: int = 20
    """How many cases one approver may approve in an hour; after that, one for each ``pause``."""
    pause: timedelta = timedelta(minutes=10)
    daily_cap: int = 50
    member_share: float = 0.005
    """The part of the member accounts that may have a pass in a day, where that is more than ``daily_cap``."""

    def route(self, name: str) -> Route | None:
        """The route of this name, if there is one still."""
        return next((route for route in self.routes if route.name == name), None)

    def cap(self, members: int) -> int:
        """How many passes a day are usual in a tenant of this size."""
        return max(self.daily_cap, int(members * self.member_share))


DEFAULT_RULES = Rules()
