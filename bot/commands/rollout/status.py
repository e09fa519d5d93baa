"""``rollout status``: how far the rollout has come."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich.table import Table

from bot.commands.context import Config, database_of, out, run, settings_of
from bot.settings import Settings
from bot.support import names_on
from handlers.records import ReachState
from handlers.rollout import overview
from handlers.rollout.reached import PlanReach, Way

_NAMES: Final = {"slack": "Slack", "teams": "Teams"}
_WORDS: Final[Mapping[str, str]] = {
    Way.TALKED: "have talked with the bot",
    Way.FOUND: "found by the bot",
    ReachState.NO_ACCOUNT: "not on it",
    ReachState.REFUSED: "not allowed to have the app",
    ReachState.NOT_PERMITTED: "the bot may not give them its app",
    ReachState.NOT_OFFERED: "the app is not in the catalogue",
    ReachState.BLOCKED: "have blocked the bot",
    ReachState.LEFT: "have removed the app",
}


def status(
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, for other programs.")] = False,
    config: Config = None,
) -> None:
    """How far the rollout has come."""
    found = run(_status(settings_of(config)))
    if json_:
        typer.echo(json.dumps(asdict(found), default=str))
        return
    table = Table("wave", "activation day", "accounts", "ready", "")
    for wave in found.waves:
        share = wave.ready / wave.accounts if wave.accounts else 0.0
        table.add_row(
            wave.wave or "–",
            f"{wave.activation_day:%Y-%m-%d}",
            str(wave.accounts),
            str(wave.ready),
            "█" * round(20 * share) + "░" * round(20 * (1 - share)),
        )
    out.print(table)
    reasons = ", ".join(f"{count} {why}" for why, count in found.cannot_be_reminded.items() if count)
    out.print(f"{found.ready} of {found.accounts} are ready. Cannot be reminded: {reasons or 'nobody'}.")
    for line in told(found.reach):
        out.print(line, soft_wrap=True)


def told(reach: PlanReach) -> Iterator[str]:
    """Who can be written to where, a line for each chat, and one for all of them."""
    for platform, counts in reach.platforms.items():
        yield _line(_NAMES[platform], counts.reachable, counts.unreachable, counts.unknown)
    if len(reach.platforms) > 1:
        yield _line("In one or another", {"": reach.reachable}, {"": reach.unreachable}, reach.unknown)


def _line(name: str, reachable: Mapping[str, int], unreachable: Mapping[str, int], unknown: int) -> str:
    can = f"{sum(reachable.values())} can be reached{_details(reachable)}"
    cannot = f"{sum(unreachable.values())} cannot{_details(unreachable)}"
    return f"{name}: {can}, {cannot}, {unknown} not looked at yet."


def _details(counts: Mapping[str, int]) -> str:
    told = ", ".join(f"{count} {_WORDS[why]}" for why, count in counts.items() if count and why)
    return f" ({told})" if told else ""


async def _status(settings: Settings) -> overview.Status:
    async with database_of(settings) as database, database.reading() as session:
        return await overview.status(session, names_on(settings))
