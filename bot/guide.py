"""What is read from ``templates/``: the words of all messages, and the ways of asking for a topic."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from bot.render.words import Words
from bot.settings import Settings
from handlers.messages import Language
from handlers.questions.matching import Matcher, Phrasing
from handlers.questions.matching.lexicon import Lexicon, read
from handlers.questions.matching.model import loaded
from handlers.questions.topics import Topic

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates"


class BrokenPhrasings(Exception):
    """A list of phrasings cannot be used: one sentence that names the file and the line."""


def words_of(settings: Settings) -> Words:
    """The words of all messages, with the organisation's own facts in them."""
    organisation = settings.organisation
    return Words(
        TEMPLATES,
        {language: organisation.said_in(language) for language in Language},
        dict(settings.links),
        organisation.own_telecom,
        settings.rollout.time_zone,
        settings.web.public_url,
    )


@cache
def matcher_of(folder: Path) -> Matcher:
    """What finds the topic of a question. Raises ``BrokenPhrasings`` or ``BrokenModel``."""
    lexicon = Lexicon(read(lexicon_text(folder)))
    return Matcher(phrasings(folder), lexicon, loaded(model_file(folder).read_bytes()))


def lexicon_text(folder: Path) -> str:
    """What words mean, as it is written."""
    return (folder / "lexicon.txt").read_text(encoding="utf-8")


def model_file(folder: Path) -> Path:
    """What was learnt from the phrasings: ``python -m bot.training`` writes it."""
    return folder / "topics.model"


def phrasings(folder: Path) -> Iterator[Phrasing]:
    """Every way of asking, from ``<language>/questions.txt``: ``= topic``, then one a line.

    Raises ``BrokenPhrasings``, also when a topic has none in some language.
    """
    for language in Language:
        file = folder / language / "questions.txt"
        found = list(phrasings_in(file))
        missing = sorted(set(Topic) - {phrasing.topic for phrasing in found})
        if missing:
            raise BrokenPhrasings(f"{file}: {missing[0]} has no phrasings.")
        yield from found


def phrasings_in(file: Path) -> Iterator[Phrasing]:
    """The phrasings of one file. Raises ``BrokenPhrasings`` or ``OSError``."""
    known = {str(topic) for topic in Topic}
    topic: Topic | None = None
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("= "):
            if line[2:] not in known:
                raise BrokenPhrasings(f"{file}, line {number}: there is no topic {line[2:]}.")
            topic = Topic(line[2:])
        elif line.strip():
            if topic is None:
                raise BrokenPhrasings(f"{file}, line {number}: a line with = and a topic comes first.")
            yield Phrasing(topic, line.strip())
