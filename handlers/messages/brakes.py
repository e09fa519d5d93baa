"""Passes are stopped or let out again for everybody: what support is told, and the page where it is done."""

from dataclasses import dataclass
from typing import Self

from handlers.messages.base import Action, Data, Look

NOTICES = ("near", "breaker", "stopped", "started", "clock")
"""Why support is told: the day's cap is near, twice that was reached, somebody stopped passes or let them out, or the
clock of the bot is wrong."""
OUTCOMES = ("stopped", "started", "already", "not-approver", "not-security", "directory-down")
"""What became of a press, or why nothing did."""


@dataclass(frozen=True)
class PassesNotice(Data):
    """Stands where support works."""

    kind: str
    """One of ``NOTICES``."""
    by: str = ""
    """Who did it."""
    why: str = ""
    """In their own words."""
    count: int = 0
    cap: int = 0

    @property
    def actions(self) -> tuple[Action, ...]:
        """The other way round; a clock is put right elsewhere."""
        if self.kind in ("breaker", "stopped"):
            return (Action("passes.start", "", Look.PLAIN),)
        if self.kind == "clock":
            return ()
        return (Action("passes.stop", "", Look.DANGER),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per kind; a stop with a reason too."""
        return (
            cls("near", count=40, cap=50),
            cls("breaker", count=100, cap=50),
            cls("stopped", by="Ingrid Solbakken"),
            cls("stopped", by="Ingrid Solbakken", why="Mange like saker"),
            cls("started", by="Ingrid Solbakken"),
            cls("clock"),
        )


@dataclass(frozen=True)
class PassesReply(Data):
    """The private reply to whoever pressed or wrote: what was done, why not, or where to sign in for it."""

    outcome: str
    """One of ``OUTCOMES``, or ``sign-in``."""
    url: str = ""

    @property
    def actions(self) -> tuple[Action, ...]:
        """To the page, where a sign-in is wanted."""
        return (Action("links.passes", "", Look.PRIMARY, self.url),) if self.outcome == "sign-in" else ()

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per outcome."""
        page = cls("sign-in", "https://hjelp.fjordheim.example/passes")
        return (*(cls(outcome) for outcome in OUTCOMES), page)


@dataclass(frozen=True)
class PassesPage(Data):
    """``/passes``: how it stands, and the button that changes it."""

    stopped: bool
    breaker: bool = False
    """Whether the breaker stopped them."""
    outcome: str = ""
    """Of the press that led here: one of ``OUTCOMES``."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The other way round."""
        return (Action("start", "", Look.PRIMARY) if self.stopped else Action("stop", "", Look.DANGER),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Both ways, and after each press."""
        pressed = tuple(cls(outcome == "stopped", outcome=outcome) for outcome in OUTCOMES)
        return (cls(stopped=False), cls(stopped=True), cls(stopped=True, breaker=True), *pressed)
