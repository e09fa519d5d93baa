"""``questions …``: the ways of asking, and what they lead to."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.context import Config, fail, out, settings_of
from bot.commands.report import report
from bot.guide import TEMPLATES, BrokenPhrasings, matcher_of, phrasings, phrasings_in
from handlers.questions.matching import Match, Phrasing
from handlers.questions.matching.words import words
from handlers.questions.topics import Topic

questions = typer.Typer(help="The ways of asking, and what they lead to.", no_args_is_help=True)
questions.command()(report)


@questions.callback()
def _questions() -> None:
    """The ways of asking, and what they lead to."""


@questions.command("test")
def try_out(
    file: Annotated[Path, typer.Argument(help="Phrasings as in questions.txt: = topic, then one a line.")],
    config: Config = None,
) -> None:
    """Say what new phrasings would change: what each leads to now, and where one is taken already."""
    settings_of(config)
    try:
        new = list(phrasings_in(file))
    except BrokenPhrasings as broken:
        fail(str(broken), 2)
    except (OSError, UnicodeDecodeError):
        fail(f"{file} cannot be read as text in UTF-8.", 2)
    matcher = matcher_of(TEMPLATES)
    taken = {tuple(words(phrasing.text)): phrasing.topic for phrasing in phrasings(TEMPLATES)}
    changed = 0
    for phrasing in new:
        other = taken.get(tuple(words(phrasing.text)))
        if other is not None and other is not phrasing.topic:
            said = f"is a phrasing of {other} already: remove it there"
        else:
            said = _outcome(matcher.match(phrasing.text), phrasing)
        changed += bool(said)
        out.print(f"{'≠' if said else '='} {phrasing.topic}: {phrasing.text}", markup=False, highlight=False)
        if said:
            out.print(f"    now: {said}", markup=False, highlight=False)
    out.print(f"{len(new)} phrasings, of which {changed} would change the outcome.")


def _outcome(match: Match, wanted: Phrasing) -> str:
    """What comes of it now, where that is something else."""
    first = match.topic or (Topic.OFF_TOPIC if match.kind == "handover" else None)
    if first is wanted.topic:
        return ""
    topics = ", ".join(match.alternatives if match.topic is None else (match.topic,))
    return f"{match.kind} ({topics})" if topics else str(match.kind)
