"""What is read from ``templates/``: the words of all messages, and the ways of asking for a topic."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.render.words import Words
from bot.settings import Settings
from handlers.messages import Language
from handlers.questions.matching import Phrasing
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


def phrasings(folder: Path) -> Iterator[Phrasing]:
    """Every way of asking, from ``<language>/questions.txt``: ``= topic``, then one a line.

    Raises ``BrokenPhrasings``, also when a topic has none in some language.
    """
    known = {str(topic) for topic in Topic}
    for language in Language:
        file = folder / language / "questions.txt"
        found: set[Topic] = set()
        topic: Topic | None = None
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if line.startswith("= "):
                if line[2:] not in known:
                    raise BrokenPhrasings(f"{file}, line {number}: there is no topic {line[2:]}.")
                topic = Topic(line[2:])
            elif line.strip():
                if topic is None:
                    raise BrokenPhrasings(f"{file}, line {number}: a line with = and a topic comes first.")
                found.add(topic)
                yield Phrasing(topic, line.strip())
        missing = sorted(set(Topic) - found)
        if missing:
            raise BrokenPhrasings(f"{file}: {missing[0]} has no phrasings.")
