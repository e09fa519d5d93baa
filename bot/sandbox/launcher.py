"""The bot as the sandbox's child process: the product as it is, with the sandbox's clock.

Starting Python and compiling every template takes seconds. A server process does it once, and each start of the
bot is a fork of that: a process of its own, which may be killed like any other.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from bot import logs
from bot.platforms import PlatformRefused
from bot.sandbox.clock import SandboxClock
from bot.serve import serve
from bot.settings import SettingsError, load
from handlers.store.errors import StoreError


@dataclass(frozen=True)
class Child:
    """A bot that was started."""

    process: ForkServerProcess
    pid: int

    def send_signal(self, number: signal.Signals) -> None:
        """Raises ``ProcessLookupError`` when it has ended."""
        os.kill(self.pid, number)

    async def wait(self) -> int:
        """Wait for its end; its exit code, less than zero for the signal that ended it."""
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        # A descriptor of this wait's own: several may wait at once, and a loop takes one reader for each.
        sentinel = os.dup(self.process.sentinel)
        loop.add_reader(sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(sentinel)
            os.close(sentinel)
        self.process.join()
        return self.process.exitcode or 0


def launch(
    config: Path, clock: Path, listener: socket.socket, environment: Mapping[str, str], log: Path
) -> Child:
    """Start the bot; what it says goes to the end of ``log``."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bot.sandbox.warmed"])
    process = context.Process(
        target=_bot, args=(config, clock, listener, dict(environment), log), daemon=True, name="bot"
    )
    process.start()
    if process.pid is None:
        raise RuntimeError("a process that was started has no id")
    return Child(process, process.pid)


def _bot(
    config: Path, clock: Path, listener: socket.socket, environment: Mapping[str, str], log: Path
) -> None:
    """Run until told to stop, and end the process with the exit code of a start from the command line."""
    with log.open("ab") as said:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(said.fileno(), stream.fileno())
    os.environ.clear()
    os.environ.update(environment)
    logs.configure(environment.get("SANDBOX_LOG", "INFO"))
    try:
        settings = load(config, environment)
        asyncio.run(serve(settings, SandboxClock(clock), listener=listener))
    except (SettingsError, StoreError, PlatformRefused) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
