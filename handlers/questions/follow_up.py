"""What was said before, and what comes after an answer: pure rules over kept questions."""

from collections.abc import Sequence
from typing import Final

from handlers.questions.matching import Kind, Match
from handlers.questions.topics import Topic
from handlers.records import Question

ANSWERED: Final = frozenset(Topic) - {Topic.OFF_TOPIC}
"""The topics that have an answer."""
OFFERED: Final = ANSWERED - {Topic.ABUSE}
"""The topics that somebody may mean in good faith."""
_MOST_CHOICES: Final = 3
_NOT_UNASKED: Final = frozenset({Topic.CONTACT_SUPPORT, Topic.OFF_TOPIC, Topic.ABUSE})
_MOST_UNASKED: Final = 2
"""Answers in one thread, before people there are left to themselves."""


def named(topic: str | None) -> Topic | None:
    """The topic of that name, if it has an answer."""
    return Topic(topic) if topic in ANSWERED else None


def pressed(record: str) -> tuple[Topic | None, int | None]:
    """What a button with a topic says: the topic, and the question it belongs to, if any."""
    topic, _, question = record.partition(":")
    return named(topic), number(question)


def number(record: str) -> int | None:
    """The id of a question, as a button carries it."""
    return int(record) if record.isascii() and record.isdigit() and len(record) < 10 else None


def spoken_of(before: Question | None) -> Topic | None:
    """The topic in which a follow-up is understood: that of the answer just before."""
    if before is None or before.kind not in (Kind.ANSWER, Kind.CHOOSE):
        return None
    return named(before.chosen or before.topic)


def others(question: Question) -> tuple[Topic, ...]:
    """What else a question may have been about: the next best topics that it has not been answered with."""
    told = {question.topic, question.second, question.chosen}
    listed = (named(topic) for topic in question.alternatives.split(","))
    return tuple(it for it in listed if it in OFFERED and it not in told)[:_MOST_CHOICES]


def choices(match: Match) -> tuple[Topic, ...]:
    """The topics to choose from, best first."""
    return tuple(topic for topic in match.alternatives if topic in OFFERED)[:_MOST_CHOICES]


def may_speak_up(match: Match) -> Topic | None:
    """The topic with which to answer who has not asked us: only a sure answer to one question is worth it."""
    if match.kind is not Kind.ANSWER or match.second is not None or match.topic in _NOT_UNASKED:
        return None
    return match.topic


def is_news(topic: Topic, told: Sequence[Question]) -> bool:
    """Whether an answer that nobody asked for belongs into a thread where this has been told already."""
    return len(told) < _MOST_UNASKED and all(
        topic not in (question.topic, question.second, question.chosen) for question in told
    )
