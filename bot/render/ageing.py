"""Facts in answers and messages that are about to stop being true, so that somebody rewrites them in time."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from bot.render.front import read_source
from handlers.messages import Language

NOTICE: Final = timedelta(days=60)
"""How long before the end of a fact somebody is told."""


def ageing(folder: Path, today: date) -> Iterator[str]:
    """One sentence for each dated fact that stops being true within 60 days, or has stopped.

    Looks at the English templates below ``folder``: the other languages state the same facts with the same dates.
    Raises ``BrokenTemplate``.
    """
    for path in sorted((folder / Language.EN).glob("*/*.md.j2")):
        source = read_source(folder, path.relative_to(folder).as_posix())
        for fact in source.front.dated:
            if fact.expires is not None and fact.expires - today <= NOTICE:
                tense = "stopped being true" if fact.expires <= today else "stops being true"
                yield (
                    f"templates/{source.file} (and its like in other languages): "
                    f"a fact {tense} on {fact.expires}: {fact.fact}. Look at {fact.source}."
                )
