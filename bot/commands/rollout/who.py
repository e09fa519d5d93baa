"""``rollout who``: all that is known of one account in the rollout."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from bot.commands.context import Config, clock_of, database_of, fail, out, run, settings_of
from bot.microsoft import directory_of
from bot.plan import calendar_of
from bot.render.values import clean
from bot.settings import Settings
from graph.errors import GraphError, NotFound
from handlers.accounts import Directory
from handlers.readiness import missing
from handlers.records import LearnedBy
from handlers.rollout.about import About, Message, about, named


@dataclass(frozen=True)
class _Found:
    about: About
    state: str
    """What Microsoft says of the account at this moment."""


def who(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="User principal name, mail address or object id.")],
    config: Config = None,
) -> None:
    """What the plan holds of somebody, what they were told and will be, and who changed what."""
    settings = settings_of(config)
    found = run(_find(settings, user.strip(), clock_of(context).now()))
    if found is None:
        fail(f"Neither the plan nor the directory knows {clean(user)}.")
    told, zone = found.about, settings.rollout.time_zone
    for line in _lines(told, found.state, zone):
        out.print(Text(line), soft_wrap=True)
    if told.messages:
        out.print(_messages(told.messages, zone))
    if told.history:
        out.print(_history(told, zone))


def _lines(told: About, state: str, zone: ZoneInfo) -> list[str]:
    entry = told.entry
    if entry is None:
        lines = [f"{told.account} is not in the plan."]
    else:
        wave = f", wave {clean(entry.wave)}" if entry.wave else ""
        whose = f"{clean(entry.upn)} ({entry.account})"
        lines = [f"{whose}: activation day {_day(entry.activation_day)}{wave}, held by a {entry.source}."]
        if entry.excluded:
            lines.append("Excluded by rollout.exclude_groups: no reminders.")
        if told.is_paused:
            lines.append("Reminders are paused.")
    if told.is_left_out:
        lines.append("A file took the account out: it stays out whatever group it is in.")
    if told.seen is not None:
        kinds = ", ".join(sorted(told.seen.kinds)) or "nothing" if told.seen.kinds is not None else "unknown"
        by = "the report" if told.seen.learned_by is LearnedBy.REPORT else "a look at the account"
        lines.append(f"Seen at {_at(told.seen.as_of, zone)}, by {by}: {kinds}.")
    return [*lines, f"Now: {state}."]


def _messages(messages: tuple[Message, ...], zone: ZoneInfo) -> Table:
    table = Table("message", "for", "on", "what became of it")
    for it in messages:
        what = "another day" if it.offset is None else f"reminder {it.offset:+d}"
        state = f", {it.state}" if it.state else ""
        sent = f" {_at(it.sent_at, zone)}" if it.sent_at else ""
        table.add_row(what, _day(it.activation_day), _day(it.goes), f"{it.outcome or 'to come'}{state}{sent}")
    return table


def _history(told: About, zone: ZoneInfo) -> Table:
    table = Table("changed", "by", "from", "to", "why")
    for it in told.history:
        day = (_day(it.before) if it.before else "–", _day(it.after) if it.after else "–")
        table.add_row(_at(it.at, zone), Text(clean(it.by)), *day, Text(clean(it.reason)))
    return table


def _day(day: date) -> str:
    return f"{day:%a %Y-%m-%d}"


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


async def _find(settings: Settings, user: str, now: datetime) -> _Found | None:
    async with database_of(settings) as database, directory_of(settings) as directory:
        async with database.reading() as session:
            account = await named(session, user)
        if account is None:
            known = await directory.users.find(user)
            account = known.id if known else user.casefold()
        async with database.reading() as session:
            found = await about(session, account, settings.rollout.offsets, calendar_of(settings), now)
        state = await _state(settings, directory, found, now)
    return _Found(found, state) if found.is_known or state != _GONE else None


_GONE = "the directory does not know the account"


async def _state(settings: Settings, directory: Directory, found: About, now: datetime) -> str:
    day = found.entry.activation_day if found.entry else calendar_of(settings).today(now)
    try:
        user = await directory.users.get(found.account)
        methods = await directory.methods.list(found.account)
    except NotFound:
        return _GONE
    except GraphError as error:
        return f"unknown, Microsoft Graph does not say ({error})"
    lacks = missing(methods, day, own_telecom=settings.organisation.own_telecom)
    blocked = "" if user.account_enabled else "; the account is blocked"
    return f"missing {lacks}{blocked}" if lacks != "nothing" else f"ready{blocked}"
