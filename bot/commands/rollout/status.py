"""``rollout status``: how far the rollout has come."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from bot.commands.context import Config, clock_of, database_of, fail, out, run, settings_of
from bot.guide import TEMPLATES, words_of
from bot.plan import calendar_of
from bot.render.chart import chart, drawn
from bot.render.values import clean
from bot.settings import Settings
from bot.support import names_on
from handlers.records import ReachState
from handlers.rollout import overview
from handlers.rollout.history import Course, courses
from handlers.rollout.reached import PlanReach, Way
from handlers.rollout.share import bar, percent

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


@dataclass(frozen=True)
class Seen:
    """All that support sees, without the names."""

    status: overview.Status
    history: tuple[Course, ...]
    on: date


def status(
    context: typer.Context,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, for other programs.")] = False,
    chart_: Annotated[
        Path | None,
        typer.Option("--chart", metavar="FILE.svg", help="Draw who was ready when, by wave, as SVG."),
    ] = None,
    config: Config = None,
) -> None:
    """How far the rollout has come."""
    settings = settings_of(config)
    seen = run(_seen(settings, clock_of(context).now()))
    if chart_ is not None:
        _draw(settings, seen, chart_)
    if json_:
        history = [asdict(course) for course in seen.history]
        typer.echo(json.dumps({**asdict(seen.status), "history": history}, default=str))
    else:
        _tell(seen.status, settings.rollout.time_zone)


def _draw(settings: Settings, seen: Seen, file: Path) -> None:
    paused = {each.wave for each in seen.status.paused}
    it = chart(words_of(settings), settings.organisation.language, seen.history, seen.on, paused)
    try:
        file.write_text(drawn(it, TEMPLATES / "web"), encoding="utf-8")
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}.")


def _tell(found: overview.Status, zone: ZoneInfo) -> None:
    table = Table("wave", "activation day", "accounts", "ready", "")
    for column in table.columns[1:]:
        column.no_wrap = True
    for wave in found.waves:
        table.add_row(
            Text(clean(wave.wave or "–")),
            f"{wave.activation_day:%a %Y-%m-%d}",
            str(wave.accounts),
            str(wave.ready),
            f"{bar(wave.ready, wave.accounts)} {percent(wave.ready, wave.accounts):3} %",
        )
    out.print(table)
    reasons = ", ".join(f"{count} {why}" for why, count in found.cannot_be_reminded.items() if count)
    out.print(f"{found.ready} of {found.accounts} are ready. Cannot be reminded: {reasons or 'nobody'}.")
    fared = [*((state, count) for state, count in found.reminders.items()), ("stale", found.stale)]
    out.print(f"Reminders: {', '.join(f'{count} {state}' for state, count in fared if count) or 'none yet'}.")
    for each in found.paused:
        what = f"Wave {clean(each.wave)}" if each.wave else "The whole rollout"
        since = each.since.astimezone(zone)
        out.print(
            f"{what} is paused since {since:%Y-%m-%d %H:%M}, by {clean(each.by)}.",
            markup=False,
            soft_wrap=True,
        )
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


async def _seen(settings: Settings, now: datetime) -> Seen:
    today, platforms = calendar_of(settings).today(now), names_on(settings)
    async with database_of(settings) as database, database.reading() as session:
        found = await overview.status(session, platforms)
        return Seen(found, await courses(session, platforms, today), today)
