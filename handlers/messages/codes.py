"""Codes that prove something: sent to an address on file, or saved for the day the phone is lost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from handlers.messages.base import Action, Data, Field, Look

CODE_PROBLEMS = ("wrong-code", "no-more", "too-many", "directory-down")
"""``wrong-code`` is said of every code that does not work, whatever the cause; ``no-more`` when the case has had all
the codes there are for one; ``too-many`` came too fast; or Microsoft does not answer."""

_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class CodeText(Data):
    """The text message with a code. Sent at once, and never written down."""

    case: str
    code: str = field(repr=False)
    until: datetime

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        return (cls("K7QF-2M", "204816", _AT),)


@dataclass(frozen=True)
class CodeMail(Data):
    """The mail with a code. Sent at once, and never written down."""

    case: str
    code: str = field(repr=False)
    until: datetime

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        return (cls("K7QF-2M", "204816", _AT),)


@dataclass(frozen=True)
class CodeChoice:
    """One way to get a code: the name of its route, and to what kind of address (``phone``, ``mail``)."""

    name: str
    address: str


@dataclass(frozen=True)
class CodePage(Data):
    """``/case/code``: have a code sent, and type it. It says the same whether there is an address on file or not."""

    case: str
    upn: str
    choices: tuple[CodeChoice, ...]
    saved: bool = False
    """Whether a saved recovery code may be typed too."""
    sent: str = ""
    """To what kind of address a code was asked for just now."""
    problem: str | None = None
    """One of ``CODE_PROBLEMS``."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The code."""
        return (Field("code", problem=self.problem if self.problem == "wrong-code" else None),)

    @property
    def actions(self) -> tuple[Action, ...]:
        """Send the code in, or ask for one."""
        sends = (Action("send", choice.name) for choice in self.choices)
        return (Action("check", "", Look.PRIMARY), *sends)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Every mix of ways, after each was asked for, and with each problem."""
        who = ("K7QF-2M", "solveig.braten@fjordheim.example")
        sms, mail = CodeChoice("sms", "phone"), CodeChoice("mail", "mail")
        return (
            cls(*who, (sms, mail), saved=True),
            cls(*who, (sms,)),
            cls(*who, (), saved=True),
            cls(*who, (sms, mail), saved=True, sent="phone"),
            cls(*who, (sms, mail), sent="mail"),
            *(cls(*who, (sms, mail), problem=problem) for problem in CODE_PROBLEMS),
        )


@dataclass(frozen=True)
class RecoveryPage(Data):
    """``/case/recovery``: make a recovery code, for whoever is signed in."""

    made_at: datetime | None = None
    """Of the one there is, which a new one makes worthless."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Make one."""
        return (Action("make", "", Look.PRIMARY),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """For the first time, and again."""
        return (cls(), cls(_AT))


@dataclass(frozen=True)
class RecoveryShown(Data):
    """The recovery code, on a page that is shown once."""

    code: str = field(repr=False)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """As it looks."""
        return (cls("4F7K-9QXM-2B8T-6HWC"),)


@dataclass(frozen=True)
class RecoveryNews(Data):
    """Tells the owner of an account, in the private chat, that their recovery code was made or used."""

    kind: str
    """``made`` or ``used``."""
    case: str = ""
    """The case it was used in."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """ "It wasn't me", where that can stop something; else the way to a person."""
        if self.case:
            return (Action("cases.stop", self.case, Look.DANGER),)
        return (Action("questions.person", ""),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Both."""
        return (cls("made"), cls("used", "K7QF-2M"))
