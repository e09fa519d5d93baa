"""The product's own lexicon and model, read once, with whatever phrasings a test wants to be known word for word."""

from collections.abc import Iterable
from functools import cache

from bot.guide import TEMPLATES, lexicon_text, model_file
from handlers.questions.matching import Matcher, Phrasing
from handlers.questions.matching.lexicon import Lexicon, read
from handlers.questions.matching.model import Model, loaded


@cache
def lexicon() -> Lexicon:
    """What words mean."""
    return Lexicon(read(lexicon_text(TEMPLATES)))


@cache
def model() -> Model:
    """What was learnt."""
    return loaded(model_file(TEMPLATES).read_bytes())


def matcher(phrasings: Iterable[Phrasing] = ()) -> Matcher:
    """A matcher that knows these by heart."""
    return Matcher(phrasings, lexicon(), model())
