"""A bar on stderr while a command works: on a terminal only, and gone when it is done."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from handlers.rollout import progress as heard


@contextmanager
def progress() -> Iterator[heard.Progress]:
    """Hand this to what takes long; each new thing that it tells of gets a bar of its own."""
    console = Console(stderr=True)
    bars: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:

        def told(what: str, done: int, total: int | None = None) -> None:
            if what not in bars:
                bars[what] = shown.add_task(what, total=total)
            shown.update(bars[what], completed=done, total=total)

        yield told
