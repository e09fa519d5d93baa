"""``./run bench [answers]``: events acknowledged, memory and start; or how well questions find their topic."""

import asyncio
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.bench import acknowledging, answers, cards
from bot.sandbox.stage import stage

_REST: Final = 3.0
"""Seconds without work before the memory is read."""
out = Console()


async def main() -> int:
    """Measure, and print; the exit code."""
    if sys.argv[1:2] == ["answers"]:
        return answers.main(sys.argv[2:])
    if sys.argv[1:]:
        sys.stderr.write(f"There is no measurement called {sys.argv[1]}.\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder)) as playing:
            began = time.perf_counter()
            await playing.start_bot()
            start = time.perf_counter() - began
            await asyncio.sleep(_REST)
            memory = _resident(playing.bot_pid)
            clicks = await cards.measure(playing)
            taken = [await acknowledging.measure(playing, each) for each in acknowledging.platforms(playing)]
            loaded = _resident(playing.bot_pid)
    for acknowledged in taken:
        out.print(acknowledged.table())
    table = Table("the bot", "")
    table.add_row("from its start until ready", f"{start:.1f} s")
    table.add_row("memory at rest", f"{memory:.0f} MB")
    table.add_row("memory after the events", f"{loaded:.0f} MB")
    table.add_row(*cards.told(clicks))
    out.print(table)
    return 0 if all(each.all_taken for each in taken) and max(clicks) <= cards.WITHIN else 1


def _resident(pid: int) -> float:
    """Resident memory of a process in MB (proc(5), ``VmRSS``)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
