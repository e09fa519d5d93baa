"""What the bot says when asked."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from handlers.messages.base import Action, Data, Look


@dataclass(frozen=True)
class Answer(Data):
    """The answer to a question: one of the topics, in words from ``answers/<topic>``."""

    topic: str
    activation_day: date | None = None
    """The asker's own activation day, if the plan has one and the asker is its owner."""

    @property
    def template(self) -> str:
        """The words are the topic's."""
        return f"answers/{self.topic}"

    @property
    def actions(self) -> tuple[Action, ...]:
        """The way to a person is one press away from every answer."""
        return (Action("questions.person", self.topic),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With and without a day."""
        return (cls("setup"), cls("activation-day", date(2027, 1, 18)))


@dataclass(frozen=True)
class Choice(Data):
    """Not sure what was meant: two or three topics to choose from. Labels are the topics' titles."""

    topics: tuple[str, ...]

    @property
    def actions(self) -> tuple[Action, ...]:
        """One button per topic, and a person."""
        return (
            *(Action("questions.topic", topic) for topic in self.topics),
            Action("questions.person", ""),
        )

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Three topics."""
        return (cls(("setup", "lost-phone", "new-phone")),)


@dataclass(frozen=True)
class Unanswered(Data):
    """Nothing fits, or it has nothing to do with two-factor: said plainly, with the way to a person."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The way to a person."""
        return (Action("questions.person", "", Look.PRIMARY),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one."""
        return (cls(),)


@dataclass(frozen=True)
class Greeting(Data):
    """A short reply in kind to a greeting or thanks."""

    thanks: bool = False

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """A greeting and a thank-you."""
        return (cls(), cls(thanks=True))


@dataclass(frozen=True)
class NotServed(Data):
    """The bot is not for this person: guests, other organisations. Polite, with a way to a person."""

    reason: str
    """``guest``, ``other-workspace``, ``deactivated`` or ``bot``."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """The two kinds that a person may see."""
        return (cls("guest"), cls("other-workspace"))
