"""``./run bench [answers]``: Slack events acknowledged, memory and start; or how well questions find their topic."""

import asyncio
import json
import re
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.bench import answers, cards
from bot.bench.load import Measured
from bot.sandbox.stage import Stage, stage

_EVENTS: Final = 2000
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
            ours = await _ours(playing)
            loaded = _resident(playing.bot_pid)
        bare = await _bare(playing)
    _print_acknowledgements(ours, bare)
    table = Table("the bot", "")
    table.add_row("from its start until ready", f"{start:.1f} s")
    table.add_row("memory at rest", f"{memory:.0f} MB")
    table.add_row("memory after the events", f"{loaded:.0f} MB")
    table.add_row(*cards.told(clicks))
    out.print(table)
    return 1 if ours.refused or bare.refused or max(clicks) > cards.WITHIN else 0


def _print_acknowledgements(ours: Measured, bare: Measured) -> None:
    table = Table("Slack events acknowledged", "per second", "p50", "p99")
    for name, measured in (("the bot (verified and written first)", ours), ("bare Bolt (verified)", bare)):
        table.add_row(name, f"{measured.per_second:.0f}", f"{measured.p50:.1f} ms", f"{measured.p99:.1f} ms")
    table.add_row(
        "ratio",
        f"{ours.per_second / bare.per_second:.2f}",
        f"{ours.p50 / bare.p50:.1f}",
        f"{ours.p99 / bare.p99:.1f}",
    )
    out.print(table)


async def _ours(playing: Stage) -> Measured:
    return await _load(f"{playing.bot_url}/slack/events", playing)


async def _bare(playing: Stage) -> Measured:
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        bare = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.bench.bare",
            str(listener.fileno()),
            pass_fds=(listener.fileno(),),
            stdin=asyncio.subprocess.PIPE,
        )
        await _tell(bare, playing.signing_secret)
        try:
            return await _load(f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events", playing)
        finally:
            bare.terminate()
            await bare.wait()


async def _load(url: str, playing: Stage) -> Measured:
    person = playing.world.named("Priya Nair").slack_id or ""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.bench.load",
        url,
        str(_EVENTS),
        person,
        playing.world.slack_workspace,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate(f"{playing.signing_secret}\n".encode())
    return Measured(**json.loads(told))


async def _tell(process: asyncio.subprocess.Process, line: str) -> None:
    if process.stdin is not None:
        process.stdin.write(f"{line}\n".encode())
        await process.stdin.drain()
        process.stdin.close()


def _resident(pid: int) -> float:
    """Resident memory of a process in MB (proc(5), ``VmRSS``)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
