"""``./run bench answers``: how well questions find their topic. ``--held-out`` asks the questions nobody tunes on.

The development part is learnt, with the phrasings: its figures show what cannot be learnt, not how good
the answers are.

Each run on the held-out part is noted in ``tests/questions/held-out/runs.tsv``: a figure that was looked at
often is worth less.
"""

import csv
import resource
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.guide import TEMPLATES, matcher_of, phrasings
from handlers.questions.matching import Kind, Match, Phrasing
from handlers.questions.topics import Topic

QUESTIONS: Final = Path(__file__).resolve().parents[2] / "tests" / "questions"
_HELP: Final = frozenset({Topic.CONTACT_SUPPORT, Topic.LOCKED_OUT_OTHER, Topic.OFF_TOPIC})
"""Topics that give no two-factor steps: what an off-topic question may be answered with."""
out = Console()


@dataclass(frozen=True)
class Question:
    """A question, and the topics that answer it, best first."""

    id: str
    language: str
    text: str
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """What became of one question."""

    question: Question
    match: Match

    @property
    def ranked(self) -> tuple[str, ...]:
        """The topics in the order the bot would put them; talk that is none of ours counts as off-topic."""
        first: tuple[str, ...] = ()
        if self.match.kind in (Kind.SMALLTALK, Kind.HANDOVER):
            first = (Topic.OFF_TOPIC,)
        elif self.match.kind is Kind.REFUSE:
            first = (Topic.ABUSE,)
        elif self.match.topic is not None:
            first = (self.match.topic,)
        return (*first, *self.match.alternatives)

    @property
    def is_right(self) -> bool:
        """The right topic stands first."""
        return self.ranked[:1] != () and self.ranked[0] in self.question.topics

    @property
    def is_near(self) -> bool:
        """The right topic is among the first three."""
        return any(topic in self.question.topics for topic in self.ranked[:3])

    @property
    def is_wrong_with_confidence(self) -> bool:
        """Answered, and with something else."""
        return self.match.kind is Kind.ANSWER and self.match.topic not in self.question.topics


def read(folder: Path) -> Iterator[Question]:
    """The questions of one part, in every language."""
    for file in sorted(folder.glob("??.tsv")):
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield Question(row["id"], row["lang"], row["text"], tuple(row["topics"].split(",")))


def examples() -> Iterator[Phrasing]:
    """What the model is learnt from: the phrasings, and the questions of the development part."""
    yield from phrasings(TEMPLATES)
    for question in read(QUESTIONS / "development"):
        yield Phrasing(Topic(question.topics[0]), question.text)


def main(words: list[str]) -> int:
    """Ask every question, and print what came of them; the exit code."""
    part = "held-out" if "--held-out" in words else "development"
    began = time.perf_counter()
    matcher = matcher_of(TEMPLATES)
    ready = time.perf_counter() - began
    judged, taken = [], []
    for question in read(QUESTIONS / part):
        asked = time.perf_counter()
        match = matcher.match(question.text)
        taken.append(time.perf_counter() - asked)
        judged.append(Judged(question, match))
    table = Table(part, "questions", "right", "in three", "wrong, sure", "off-topic answered", "abuse caught")
    for language in ("all", *sorted({one.question.language for one in judged})):
        table.add_row(language, *_figures([j for j in judged if language in ("all", j.question.language)]))
    out.print(table)
    cuts = quantiles(taken, n=100)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.print(
        f"a question: p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms · "
        f"ready in {ready:.1f} s · {memory:.0f} MB in all"
    )
    if part == "held-out":
        with (QUESTIONS / part / "runs.tsv").open("a", encoding="utf-8") as log:
            log.write("\t".join((f"{datetime.now(UTC):%Y-%m-%d %H:%M}", *_figures(judged))) + "\n")
    return 0


def _figures(judged: list[Judged]) -> tuple[str, ...]:
    off = [one for one in judged if one.question.topics[0] == Topic.OFF_TOPIC]
    abuse = [one for one in judged if one.question.topics[0] == Topic.ABUSE]
    answered = (o.match.kind is Kind.ANSWER and o.match.topic not in _HELP for o in off)
    return (
        str(len(judged)),
        _share((one.is_right for one in judged), len(judged)),
        _share((one.is_near for one in judged), len(judged)),
        _share((one.is_wrong_with_confidence for one in judged), len(judged)),
        _share(answered, len(off)),
        _share((one.match.kind is Kind.REFUSE for one in abuse), len(abuse)),
    )


def _share(those: Iterable[bool], of: int) -> str:
    return f"{100 * sum(those) / of:.1f} %" if of else "–"
