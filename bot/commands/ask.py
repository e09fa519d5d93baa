"""``ask``: a question answered in the terminal, or many of them as lines of JSON."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.context import Config, fail, out, settings_of
from bot.guide import TEMPLATES, matcher_of, words_of
from bot.render.text import plain
from handlers import language as languages
from handlers.messages import Answer, Choice, Data, Greeting, Language, Unanswered
from handlers.questions.matching import Kind, Match
from handlers.questions.topics import Topic


def ask(
    question: Annotated[str | None, typer.Argument(help="What somebody might write to the bot.")] = None,
    lang: Annotated[Language | None, typer.Option(help="Otherwise the language of the question.")] = None,
    batch: Annotated[
        Path | None, typer.Option(help="A file with a line of JSON per question: {id, text, lang?}.")
    ] = None,
    config: Config = None,
) -> None:
    """Answer a question in the terminal, as the bot would in chat; or sort a file of them."""
    if batch is not None and question is None:
        _sort(batch, lang)
        return
    if question is None or batch is not None:
        fail("Give either a question, or --batch and a file.", 2)
    words = words_of(settings_of(config))
    match = matcher_of(TEMPLATES).match(question)
    for data in _data(match):
        message = words.message(data, lang or _language(question))
        out.print(plain(message, links=True), markup=False, highlight=False)
        for button in message.actions:
            out.print(f"  [{button.label}]", markup=False)


def _sort(file: Path, lang: Language | None) -> None:
    """One line out for each line in, and nothing else on standard output."""
    asked = list(_read(file))
    matcher = matcher_of(TEMPLATES)
    for number, text, told in asked:
        match = matcher.match(text)
        sorted_ = {
            "id": number,
            "kind": match.kind,
            "topic": match.topic,
            "alternatives": match.alternatives,
            "lang": lang or told or _language(text),
        }
        sys.stdout.write(json.dumps(sorted_, ensure_ascii=False) + "\n")


def _read(file: Path) -> Iterator[tuple[str | int, str, Language | None]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        fail(f"{file} cannot be read as text in UTF-8.", 2)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            fail(f"{file}, line {number}: this is not JSON.", 2)
        match entry:
            case {"id": str() | int() as id_, "text": str(text)}:
                lang = entry.get("lang")
                yield id_, text, Language(lang) if lang in set(Language) else None
            case _:
                fail(f"{file}, line {number}: must hold an id and a text.", 2)


def _language(text: str) -> Language:
    return languages.choose(chosen=None, written=languages.of_text(text), profile=None)


def _data(match: Match) -> tuple[Data, ...]:
    match match.kind:
        case Kind.ANSWER:
            return tuple(Answer(topic) for topic in (match.topic, match.second) if topic is not None)
        case Kind.CHOOSE:
            return (Choice(match.alternatives),)
        case Kind.REFUSE:
            return (Answer(Topic.ABUSE),)
        case Kind.SMALLTALK:
            return (Greeting(thanks=match.thanks),)
        case Kind.HANDOVER:
            return (Unanswered(),)
