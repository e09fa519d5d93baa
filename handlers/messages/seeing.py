"""How far the rollout has come, as support sees it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

from handlers.messages.base import Action, Data, Field, FieldKind, Look

REASONS: Final = ("unreachable", "disabled", "gone", "guest", "excluded")
"""Why nobody reminds an account."""
ALL: Final = "all"
"""Whatever the reason."""

_DAY = date(2027, 1, 18)


@dataclass(frozen=True)
class RolloutChart(Data):
    """The heading of the chart: everybody together, on a day."""

    on: date
    accounts: int
    ready: int

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Under way, just one account, and no plan."""
        return (cls(_DAY, 900, 312), cls(_DAY, 1, 1), cls(_DAY, 0, 0))


@dataclass(frozen=True)
class RolloutWave(Data):
    """A wave on a day: its row in the table, and what its part of the chart says to whoever does not see it."""

    wave: str | None
    activation_day: date
    """Of most of its accounts."""
    on: date
    accounts: int
    ready: int
    percent: int
    elsewhen: int = 0
    """How many of its accounts have another day."""
    is_paused: bool = False

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """To come, past, today; with and without a name; paused."""
        before, after = date(2027, 1, 11), date(2027, 1, 25)
        return (
            cls("First", _DAY, before, 900, 312, 34, 12),
            cls("First", _DAY, after, 900, 873, 97, 1, is_paused=True),
            cls(None, _DAY, _DAY, 1, 0, 0),
        )


@dataclass(frozen=True)
class RolloutPage(Data):
    """``/rollout``: the whole of it. The chart, the waves and the reasons stand in tables of their own."""

    on: date
    accounts: int
    ready: int
    percent: int
    unreached: int
    """How many nobody can remind."""
    sent: int = 0
    waiting: int = 0
    failed: int = 0
    stale: int = 0
    """Reminders whose day went by before they could go."""
    paused: tuple[str, ...] = ()
    """The waves that are paused."""
    all_paused: bool = False

    @property
    def actions(self) -> tuple[Action, ...]:
        """See who it is that nobody can remind."""
        return (Action("people", "", Look.PRIMARY),) if self.unreached else ()

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Under way, paused in part and whole, one account, and no plan."""
        return (
            cls(_DAY, 900, 312, 34, 41, 2210, 18, 3, 5),
            cls(_DAY, 900, 312, 34, 1, paused=("First",)),
            cls(_DAY, 900, 312, 34, 0, paused=("First", "Second")),
            cls(_DAY, 1, 1, 100, 0, all_paused=True),
            cls(_DAY, 0, 0, 0, 0),
        )


@dataclass(frozen=True)
class RolloutReason(Data):
    """A reason why nobody reminds some accounts, and how many they are: a row of a table."""

    reason: str
    """One of ``REASONS``."""
    accounts: int

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Each of them."""
        return tuple(cls(reason, 12) for reason in REASONS)


@dataclass(frozen=True)
class RolloutChat(Data):
    """How many of the plan can be written to in one chat: a row of a table."""

    platform: str
    can: int
    cannot: int
    unknown: int
    """Nobody has looked yet."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Each chat."""
        return (cls("slack", 700, 12, 188), cls("teams", 850, 0, 50))


@dataclass(frozen=True)
class RolloutPeople(Data):
    """``/rollout/people``: who it is that nobody can remind, to look through and to search."""

    found: int
    page: int = 1
    pages: int = 1
    who: str = ""
    reason: str = ALL

    @property
    def fields(self) -> tuple[Field, ...]:
        """Part of an address, and a reason."""
        return (
            Field("who", required=False, value=self.who),
            Field("reason", FieldKind.CHOICE, (ALL, *REASONS), required=False, value=self.reason),
        )

    @property
    def actions(self) -> tuple[Action, ...]:
        """Search; leaf through what was found; back."""
        before = (Action("earlier", str(self.page - 1)),) if self.page > 1 else ()
        after = (Action("later", str(self.page + 1)),) if self.page < self.pages else ()
        return (Action("find", "", Look.PRIMARY), *before, *after, Action("overview", ""))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """All, what was searched for, one, and nobody."""
        return (
            cls(41, 1, 2),
            cls(41, 2, 2, "berg", "unreachable"),
            cls(1, who="anna.berg"),
            cls(0, who="nobody"),
        )


@dataclass(frozen=True)
class ChatState:
    """How it stands with somebody in one chat."""

    platform: str
    state: str
    """A word of ``handlers.records.ReachState``."""


@dataclass(frozen=True)
class RolloutPerson(Data):
    """Somebody whom nobody can remind: a row of a table."""

    name: str | None
    """As the directory has it now."""
    account: str
    """User principal name."""
    reason: str
    """One of ``REASONS``."""
    activation_day: date
    wave: str | None = None
    chats: tuple[ChatState, ...] = ()
    """What is known of the chats, where none of them reaches the account."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One for each reason, and for each state of a chat."""
        anna = "anna.berg@fjordheim.example"
        states = (
            "no-account",
            "refused",
            "not-permitted",
            "not-offered",
            "blocked",
            "left",
            "reachable",
            "installing",
        )
        chats = [tuple(ChatState(platform, state) for platform in ("slack", "teams")) for state in states]
        return (
            *(cls("Anna Berg", anna, reason, _DAY, "First") for reason in REASONS),
            *(cls(None, anna, "unreachable", _DAY, None, each) for each in chats),
        )


@dataclass(frozen=True)
class RolloutStop(Data):
    """Why ``/rollout`` shows nothing."""

    reason: str
    """``not-support`` or ``directory-down``."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per reason."""
        return (cls("not-support"), cls("directory-down"))


@dataclass(frozen=True)
class DayWave:
    """A wave in the summary of a day."""

    wave: str | None
    activation_day: date
    days: int
    """From today to the activation day; below zero when it is past."""
    accounts: int
    ready: int
    percent: int
    bar: str
    """The same as a bar of text."""
    is_paused: bool = False


@dataclass(frozen=True)
class RolloutDay(Data):
    """What support reads on each working day: how far every wave has come."""

    on: date
    accounts: int
    ready: int
    percent: int
    unreached: int
    """How many nobody can remind."""
    waves: tuple[DayWave, ...]
    """Those that are not over."""
    more: int = 0
    """How many waves to come there was no room for."""
    all_paused: bool = False
    url: str = ""
    """Of the page that shows all of it, where there is a sign-in."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """To the page."""
        return (Action("links.rollout", "", Look.PLAIN, self.url),) if self.url else ()

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Under way with waves of every kind, a plan with one account, and a pause of all."""

        def wave(name: str | None, days: int, percent: int, *, is_paused: bool = False) -> DayWave:
            drawn = "█" * (percent // 5) + "░" * (20 - percent // 5)
            return DayWave(name, _DAY + timedelta(days=days), days, 100, percent, percent, drawn, is_paused)

        waves = (
            wave("Library", -3, 97),
            wave("Faculty of Science", -1, 100),
            wave("Faculty of Arts", 0, 90, is_paused=True),
            wave("Faculty of Law", 1, 50),
            wave(None, 14, 0),
        )
        page = "https://hjelp.fjordheim.example/rollout"
        alone = DayWave("Pilot", _DAY, 0, 1, 0, 0, "░" * 20)
        return (
            cls(_DAY, 2900, 2326, 80, 41, waves, 3, url=page),
            cls(_DAY, 1, 0, 0, 1, (alone,)),
            cls(_DAY, 2900, 2326, 80, 0, waves[:1], 1, all_paused=True, url=page),
        )
