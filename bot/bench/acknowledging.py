"""How fast events are acknowledged: by the bot, which writes them down first, and by what does nothing with them."""

import asyncio
import json
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from bot.bench.load import Measured
from bot.sandbox.stage import Stage

_EVENTS: Final = 2000
_SOMEBODY: Final = "Priya Nair"


@dataclass(frozen=True)
class Platform:
    """What a load of one platform needs to know."""

    name: str
    path: str
    person: str
    home: str
    proof: str
    """What the load is told on its standard input."""
    bare: str
    """What the baseline is told on its own."""
    baseline: str


@dataclass(frozen=True)
class Acknowledged:
    """The bot beside its baseline."""

    platform: Platform
    ours: Measured
    bare: Measured

    @property
    def all_taken(self) -> bool:
        """Whether nothing was refused, so that the figures mean something."""
        return not self.ours.refused and not self.bare.refused

    def table(self) -> Table:
        """For people."""
        ours, bare = self.ours, self.bare
        table = Table(f"{self.platform.name.title()} events acknowledged", "per second", "p50", "p99")
        for name, it in (("the bot (verified and written first)", ours), (self.platform.baseline, bare)):
            table.add_row(name, f"{it.per_second:.0f}", f"{it.p50:.1f} ms", f"{it.p99:.1f} ms")
        ratios = (ours.per_second / bare.per_second, ours.p50 / bare.p50, ours.p99 / bare.p99)
        table.add_row("ratio", f"{ratios[0]:.2f}", f"{ratios[1]:.1f}", f"{ratios[2]:.1f}")
        return table


def platforms(playing: Stage) -> Iterator[Platform]:
    """Those of the stage."""
    resident, world, teams = playing.world.named(_SOMEBODY), playing.world, playing.teams
    secret = playing.signing_secret
    person = resident.slack_id or ""
    yield Platform(
        "slack", "/slack/events", person, world.slack_workspace, secret, secret, "bare Bolt (verified)"
    )
    activity = teams.forge.message(resident.object_id)
    yield Platform(
        "teams",
        "/teams/messages",
        resident.object_id,
        world.tenant_id,
        f"{teams.forge.token(activity)} {activity['serviceUrl']}",
        f"{teams.keys_url} {world.bot_id}",
        "bare PyJWT in Starlette (verified)",
    )


async def measure(playing: Stage, platform: Platform) -> Acknowledged:
    """The bot and the baseline one after the other; the bot is running."""
    ours = await _load(f"{playing.bot_url}{platform.path}", platform)
    return Acknowledged(platform, ours, await _bare(platform))


async def _bare(platform: Platform) -> Measured:
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        bare = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.bench.bare",
            platform.name,
            str(listener.fileno()),
            pass_fds=(listener.fileno(),),
            stdin=asyncio.subprocess.PIPE,
        )
        await _tell(bare, platform.bare)
        try:
            return await _load(f"http://127.0.0.1:{listener.getsockname()[1]}{platform.path}", platform)
        finally:
            bare.terminate()
            await bare.wait()


async def _load(url: str, platform: Platform) -> Measured:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.bench.load",
        platform.name,
        url,
        str(_EVENTS),
        platform.person,
        platform.home,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate(f"{platform.proof}\n".encode())
    return Measured(**json.loads(told))


async def _tell(process: asyncio.subprocess.Process, line: str) -> None:
    if process.stdin is not None:
        process.stdin.write(f"{line}\n".encode())
        await process.stdin.drain()
        process.stdin.close()
