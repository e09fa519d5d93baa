"""The questions that measure the answers: well formed, and the held-out ones unlike anything that teaches."""

from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from bot.bench.answers import Question, read
from bot.guide import TEMPLATES, phrasings
from handlers.questions.topics import Topic

HERE = Path(__file__).parent
TOO_ALIKE = 74
"""``rapidfuzz.fuzz.ratio`` from which a question is as good as learnt by heart."""


@pytest.mark.parametrize("part", ["development", "held-out"])
def test_every_question_is_asked_once_and_has_topics(part: str) -> None:
    questions = list(read(HERE / part))
    assert len({question.id for question in questions}) == len(questions)
    assert len({question.text.casefold() for question in questions}) == len(questions)
    assert {topic for question in questions for topic in question.topics} <= {str(topic) for topic in Topic}
    assert {question.language for question in questions} == {"en", "nb", "nn", "mixed"}


def test_no_held_out_question_resembles_what_is_learnt() -> None:
    learnt = [phrasing.text.casefold() for phrasing in phrasings(TEMPLATES)]
    learnt += [question.text.casefold() for question in read(HERE / "development")]
    alike = [question.id for question in read(HERE / "held-out") if _is_like_one_of(question, learnt)]
    assert alike == []


def _is_like_one_of(question: Question, learnt: list[str]) -> bool:
    text = question.text.casefold()
    return process.extractOne(text, learnt, scorer=fuzz.ratio, score_cutoff=TOO_ALIKE) is not None
