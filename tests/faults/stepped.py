"""The real bot as the sandbox starts it, save that it dies at the n-th step after it is told to count.

It is launched from here and not from the product, which has no hook for it.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from bot import logs
from bot.sandbox.clock import SandboxClock
from bot.sandbox.launcher import Child
from bot.serve import serve
from bot.settings import load
from tests.faults.steps import Steps

_COUNT = signal.SIGUSR1


def dying(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Let the stage's next bots be ones that die so."""
    monkeypatch.setattr("bot.sandbox.stage.launch", partial(_launch, step))


def count_from_now(pid: int) -> None:
    """The next step of this bot is its first."""
    os.kill(pid, _COUNT)


def _launch(
    step: int, config: Path, clock: Path, listener: socket.socket, environment: Mapping[str, str], log: Path
) -> Child:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bot.sandbox.warmed"])
    given = (step, config, clock, listener, dict(environment), log)
    process = context.Process(target=_bot, args=given, daemon=True, name="dying-bot")
    process.start()
    assert process.pid is not None
    return Child(process, process.pid)


def _bot(
    step: int, config: Path, clock: Path, listener: socket.socket, environment: Mapping[str, str], log: Path
) -> None:
    with log.open("ab") as said:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(said.fileno(), stream.fileno())
    os.environ.clear()
    os.environ.update(environment)
    logs.configure("DEBUG")
    asyncio.run(_serve(step, config, clock, listener, environment))


async def _serve(
    step: int, config: Path, clock: Path, listener: socket.socket, environment: Mapping[str, str]
) -> None:
    loop, steps = asyncio.get_running_loop(), Steps(0)
    steps.count_in(loop)

    def begin() -> None:
        steps.taken, steps.last = 0, step

    loop.add_signal_handler(_COUNT, begin)
    await loop.create_task(serve(load(config, environment), SandboxClock(clock), listener=listener))
