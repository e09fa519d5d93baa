"""Processes that approve and show, and die on the way: each a fork of one that has everything imported.

``python -m tests.faults.forked`` reads one job a line, and answers each with the exit codes of its processes.
"""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
import structlog

from bot import logs
from bot.sandbox.entra import EntraEmulator
from handlers.passes import Shown
from tests.databases import compiled_once
from tests.faults.steps import Steps
from tests.handlers.rig import HandClock, rig_at

log = structlog.get_logger(__name__)

_LOG = "forked.log"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Reach:
    """Where Entra and Graph are, as the emulator in the other process says of itself."""

    authority_url: str
    graph_url: str
    tenant_id: str
    client_id: str
    client_secret: str
    ca_file: str

    @classmethod
    def of(cls, entra: EntraEmulator) -> "Reach":
        """What a process has to know."""
        return cls(
            entra.authority_url,
            entra.graph_url,
            entra.tenant_id,
            entra.client_id,
            entra.client_secret,
            str(entra.ca_file),
        )


@dataclass(frozen=True)
class Job:
    """Approve a case and show its pass, in so many processes at once, of which the first dies on the way."""

    reach: Reach
    url: str
    folder: str
    screen: str
    """The file where a process writes the pass that it has shown: what the requester sees."""
    case: str
    browser: str
    approver: str
    dies_at: int
    replicas: int = 1

    @property
    def log(self) -> Path:
        """The file for what the processes say."""
        return Path(self.folder) / _LOG

    def show(self, code: str) -> None:
        """Put a pass on the screen."""
        with Path(self.screen).open("a", encoding="utf-8") as screen:
            screen.write(f"{code}\n")

    def shown(self) -> list[str]:
        """The passes that have been shown."""
        screen = Path(self.screen)
        return screen.read_text(encoding="utf-8").splitlines() if screen.exists() else []

    def said(self) -> str:
        """The end of what the processes have said."""
        return self.log.read_text(encoding="utf-8")[-3000:]


def steps_told(folder: Path) -> int:
    """How many steps the latest of those that lived to their end has taken."""
    *_, latest = re.findall(r'"taken": (\d+)', (folder / _LOG).read_text(encoding="utf-8"))
    return int(latest)


@dataclass(frozen=True)
class Forker:
    """Forks when it is told to."""

    process: asyncio.subprocess.Process

    async def run(self, job: Job) -> list[int]:
        """The exit codes, less than zero for the signal that ended a process."""
        sent, received = self.process.stdin, self.process.stdout
        assert sent is not None
        assert received is not None
        sent.write(json.dumps(asdict(job)).encode() + b"\n")
        found: list[int] = json.loads(await received.readline())
        return found


@asynccontextmanager
async def forker() -> AsyncIterator[Forker]:
    """Up and ready."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.forked", stdin=pipe, stdout=pipe, cwd=ROOT
    )
    try:
        yield Forker(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


def _serve() -> None:
    """The first job in which nobody dies is done here: the forks of later ones inherit what it has compiled."""
    answers = os.fdopen(os.dup(1), "w")
    warm = False
    for line in sys.stdin:
        told: dict[str, Any] = json.loads(line)
        job = Job(**(told | {"reach": Reach(**told["reach"])}))
        _say_to(job.log)
        if not warm and job.dies_at == 0:
            warm = True
            asyncio.run(_approve_and_show(job))
            answers.write("[0]\n")
            answers.flush()
            continue
        others = [replace(job, dies_at=0)] * (job.replicas - 1)
        pids = [_fork(each) for each in (job, *others)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        answers.write(f"{json.dumps(codes)}\n")
        answers.flush()


def _say_to(log: Path) -> None:
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(said, stream)
    os.close(said)
    logs.configure("DEBUG")


def _fork(job: Job) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        asyncio.run(_approve_and_show(job))
        code = 0
    finally:
        if code:
            sys.excepthook(*sys.exc_info())
        os._exit(code)


async def _approve_and_show(job: Job) -> None:
    async with AsyncExitStack() as stack:
        entra = cast("EntraEmulator", job.reach)
        rig = await rig_at(stack, job.url, Path(job.folder), HandClock(), entra)
        await rig.directory.passes.policy()

        async def act() -> None:
            await rig.deciding.approve(job.approver, job.case)
            outcome = await rig.issue.show(job.browser)
            if isinstance(outcome, Shown):
                job.show(outcome.code.reveal())

        loop = asyncio.get_running_loop()
        steps = Steps(job.dies_at)
        steps.count_in(loop)
        await loop.create_task(act())
        loop.set_task_factory(None)
        log.info("steps", taken=steps.taken)


if __name__ == "__main__":
    # The parent's Ctrl-C is not ours: it closes our input when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with pytest.MonkeyPatch.context() as patched:
        compiled_once(patched)
        _serve()
