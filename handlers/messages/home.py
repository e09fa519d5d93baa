"""What greets people: the bot's own page in their chat, its welcome, and the languages it has."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from handlers.messages.base import Action, Data, Language, Look

_LANGUAGES = tuple(Action("language.choose", language) for language in Language)
_PERSON = Action("questions.person", "")
_LOST = Action("questions.topic", "lost-phone")
_COLLEAGUE = Action("colleague.open", "", opens_form=True)


@dataclass(frozen=True)
class Home(Data):
    """Where somebody stands, and what comes next: for the owner of the account alone."""

    language: Language
    """The one it is in."""
    missing: str
    """As in ``Progress``; ``unknown`` when Graph does not answer, ``no-account`` when there is no account."""
    activation_day: date | None = None
    is_past: bool = False
    """Whether that day has come."""
    methods: tuple[str, ...] = ()
    """The kinds of sign-in methods that Graph sees, each once."""
    spare: bool = False
    """Whether there is a second strong one."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The next step, help, a person; and the languages."""
        return (*self._next(), _PERSON, *self._topics(), _COLLEAGUE, *_LANGUAGES)

    def _next(self) -> tuple[Action, ...]:
        if self.missing == "nothing":
            return ()
        sure = self.missing not in ("unknown", "no-account")
        return (Action("setup.start", "setup", Look.PRIMARY if sure else Look.PLAIN),)

    def _topics(self) -> tuple[Action, ...]:
        if self.missing != "nothing":
            return (_LOST,)
        spare = () if self.spare else (Action("questions.topic", "backup-method"),)
        return (*spare, _LOST, Action("questions.topic", "new-phone"))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per state, before and after the day, with and without one."""
        nb, day = Language.NB, date(2027, 1, 18)
        all_kinds = (
            "authenticator",
            "phone",
            "fido2",
            "windows_hello",
            "platform_credential",
            "software_oath",
            "hardware_oath",
            "external",
            "email",
            "unknown",
        )
        return (
            cls(nb, "everything", day),
            cls(nb, "everything", day, is_past=True),
            cls(nb, "everything"),
            cls(nb, "only-telecom", day, methods=("phone",)),
            cls(nb, "only-email", day, methods=("email",)),
            cls(nb, "nothing", day, methods=("authenticator",)),
            cls(nb, "nothing", methods=all_kinds, spare=True),
            cls(nb, "unknown", day),
            cls(nb, "unknown"),
            cls(nb, "no-account"),
            *(cls(language, "unknown") for language in Language),
        )


@dataclass(frozen=True)
class Welcome(Data):
    """What one can ask, for whoever says nothing yet."""

    language: Language
    """The one it is in."""
    is_first: bool = False
    """Whether it is what they hear first: the app has just been added."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The most usual ways on, and the languages."""
        return (Action("setup.start", "setup", Look.PRIMARY), _LOST, _PERSON, *_LANGUAGES)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """In each language, asked for and first."""
        return tuple(cls(language, first) for language in Language for first in (False, True))


@dataclass(frozen=True)
class ChannelWelcome(Data):
    """What can be asked in a channel that the app has just been added to, and what not."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one."""
        return (cls(),)


@dataclass(frozen=True)
class Languages(Data):
    """The languages there are: offered to somebody, or after a choice with the way back."""

    language: Language
    """The one it is in."""
    chosen: bool = False
    """Whether it has just been chosen."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """One button for each."""
        return _LANGUAGES

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """In each language, offered and chosen."""
        return tuple(cls(language, chosen) for language in Language for chosen in (False, True))
