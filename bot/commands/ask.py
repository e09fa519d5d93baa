"""``ask``: a question answered in the terminal."""

from typing import Annotated

import typer

from bot.commands.context import Config, out, settings_of
from bot.guide import TEMPLATES, phrasings, words_of
from bot.render.text import plain
from handlers import language as languages
from handlers.messages import Answer, Choice, Data, Greeting, Language, Unanswered
from handlers.questions.matching import Kind, Match, Matcher
from handlers.questions.topics import Topic


def ask(
    question: Annotated[str, typer.Argument(help="What somebody might write to the bot.")],
    lang: Annotated[Language | None, typer.Option(help="Otherwise the language of the question.")] = None,
    config: Config = None,
) -> None:
    """Answer a question in the terminal, as the bot would in chat."""
    words = words_of(settings_of(config))
    match = Matcher(phrasings(TEMPLATES)).match(question)
    language = lang or languages.choose(chosen=None, written=languages.of_text(question), profile=None)
    message = words.message(_data(match), language)
    out.print(plain(message, links=True), markup=False, highlight=False)
    for button in message.actions:
        out.print(f"  [{button.label}]", markup=False)


def _data(match: Match) -> Data:
    match match.kind:
        case Kind.ANSWER if match.topic is not None:
            return Answer(match.topic)
        case Kind.CHOOSE:
            return Choice(match.alternatives)
        case Kind.REFUSE:
            return Answer(Topic.ABUSE)
        case Kind.SMALLTALK:
            return Greeting(thanks=match.thanks)
        case _:
            return Unanswered()
