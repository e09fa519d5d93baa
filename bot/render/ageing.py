"""Facts in answers and messages that are about to stop being true, so that somebody rewrites them in time."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from bot.render.front import Dated, read_source
from handlers.messages import Language

NOTICE: Final = timedelta(days=60)
"""How long before the end of a fact somebody is told."""


def ageing(dated: Iterable[tuple[str, Dated]], today: date) -> Iterator[str]:
    """One sentence for each source whose facts stop being true on a day within 60 days, or have stopped."""
    ends: dict[tuple[date, str], list[str]] = {}
    for file, fact in dated:
        if fact.expires is not None and fact.expires - today <= NOTICE:
            files = ends.setdefault((fact.expires, fact.source), [])
            files += [] if file in files else [file]
    for (day, source), files in sorted(ends.items()):
        tense = "stopped" if day <= today else "stops"
        listed = ", ".join(f"templates/{file}" for file in files)
        yield f"What these say {tense} being true on {day}; look at {source}: {listed}, and other languages."


def written(folder: Path) -> Iterator[tuple[str, Dated]]:
    """The dated facts of the English templates below ``folder``, as they are written. Raises ``BrokenTemplate``."""
    for path in sorted((folder / Language.EN).glob("*/*.md.j2")):
        source = read_source(folder, path.relative_to(folder).as_posix())
        yield from ((source.file, fact) for fact in source.front.dated)
