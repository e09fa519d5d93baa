"""What the bot says when asked."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from handlers.messages.base import Action, Data, Look

_GUIDES: Final = {"setup": "setup", "new-phone": "new-phone", "remove-old-method": "remove-old"}
"""The topics that a guide leads through, step by step."""
_WITHOUT_PHONE: Final = frozenset({"lost-phone", "request-pass", "id-porten-reset"})
"""The topics of people who may need a pass."""
_UNJUDGED: Final = frozenset({"abuse", "contact-support"})
"""A refusal is no matter of taste, and after the way to a person there is nothing better to offer."""


@dataclass(frozen=True)
class Answer(Data):
    """The answer to a question: one of the topics, in words from ``answers/<topic>``."""

    topic: str
    activation_day: date | None = None
    """The asker's own activation day, if the plan has one and the asker is its owner."""
    question: int | None = None
    """The kept question that it answers; none where nobody asked one, as after a button of a reminder."""
    by_eid: bool = False
    """Whether the asker can prove by eID who they are, and so get a pass."""

    @property
    def template(self) -> str:
        """The words are the topic's."""
        return f"answers/{self.topic}"

    @property
    def actions(self) -> tuple[Action, ...]:
        """A guide, where there is one; "didn't help", where a question is kept; and always the way to a person."""
        guide = _GUIDES.get(self.topic)
        start = (Action("setup.start", guide, Look.PRIMARY),) if guide else ()
        if self.by_eid and self.topic in _WITHOUT_PHONE:
            start = (Action("cases.start", self.topic, Look.PRIMARY),)
        judged = self.question is not None and self.topic not in _UNJUDGED
        no = (Action("questions.unhelpful", str(self.question)),) if judged else ()
        return (*start, *no, Action("questions.person", self.topic))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With and without a day, and to a kept question."""
        return (
            cls("setup"),
            cls("activation-day", date(2027, 1, 18)),
            cls("lost-phone", question=17),
            cls("lost-phone", question=17, by_eid=True),
        )


@dataclass(frozen=True)
class Choice(Data):
    """Not sure what was meant: two or three topics to choose from. Labels are the topics' titles."""

    topics: tuple[str, ...]
    question: int | None = None
    """The kept question it is about: a press is then remembered with it."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """One button per topic, and a person."""
        return (*_choices(self.topics, self.question), Action("questions.person", ""))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Three topics, of a kept question and of none."""
        topics = ("setup", "lost-phone", "new-phone")
        return (cls(topics), cls(topics, 17))


@dataclass(frozen=True)
class NoHelp(Data):
    """An answer was no help: what else it may have been about, and the way to a person."""

    topics: tuple[str, ...]
    """The topics that came next; there may be none."""
    question: int

    @property
    def actions(self) -> tuple[Action, ...]:
        """One button per topic, and a person: the first choice where nothing else is left."""
        look = Look.PLAIN if self.topics else Look.PRIMARY
        return (*_choices(self.topics, self.question), Action("questions.person", "", look))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With something to choose from, and without."""
        return (cls(("lost-phone", "new-phone"), 17), cls((), 17))


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


@dataclass(frozen=True)
class OpenGroup:
    """Questions of one topic that were not simply answered."""

    topic: str | None
    """What they were about, as far as anybody can tell."""
    unanswered: int
    chosen: int
    """Answered by a choice, or left at it."""
    unhelpful: int
    samples: tuple[str, ...] = ()
    """What some of them said, without names or numbers."""


@dataclass(frozen=True)
class OpenQuestions(Data):
    """The list of the week for support: what the guide should say and does not, or not clearly enough."""

    since: date
    until: date
    """The last day that counts."""
    questions: int
    """How many there were in all."""
    groups: tuple[OpenGroup, ...]
    more: int = 0
    """Questions in groups that found no room."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """A usual week, a quiet one, and one with too much."""
        days = (date(2026, 11, 16), date(2026, 11, 22))
        groups = (
            OpenGroup(
                "no-smartphone", 3, 2, 1, ("kan jeg bruke nettbrettet til …?", "I have no phone at work")
            ),
            OpenGroup(None, 2, 0, 0, ("hva med skriveren i gangen",)),
            OpenGroup("how-often", 0, 1, 0),
        )
        return (cls(*days, 140, groups), cls(*days, 1, groups[2:]), cls(*days, 900, groups, 41))


def _choices(topics: tuple[str, ...], question: int | None) -> tuple[Action, ...]:
    """The record is the topic, and after a colon the question that a press belongs to."""
    of = "" if question is None else f":{question}"
    return tuple(Action("questions.topic", f"{topic}{of}") for topic in topics)
