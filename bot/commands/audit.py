"""``audit verify`` and ``audit export``."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.commands.context import Config, clock_of, database_of, fail, out, run, settings_of
from bot.settings import Settings
from handlers.store import trail
from handlers.store.audit import Audit, Problem, Verdict
from handlers.store.keys import AuditKeys

audit = typer.Typer(help="The audit chain.", no_args_is_help=True)

_MOMENT = "a day (2027-01-18) or a time (2027-01-18T09:30), in UTC unless it says otherwise"


@audit.command()
def verify(
    context: typer.Context,
    accept: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Take note of a break, in this name: passes may be issued again."),
    ] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="ROWS:HEAD", help="Compare with the end of a month that security was sent."),
    ] = None,
    config: Config = None,
) -> None:
    """Walk the whole chain: any change, gap or cut end is named."""
    kept = [_kept(each) for each in head or ()]
    settings = settings_of(config)
    keys = [key.get_secret_value() for key in settings.secrets.audit_key]
    if not keys:
        fail("secrets.audit_key is not set: the chain cannot be verified without it.", 2)
    verdict = run(_verify(settings, Audit(AuditKeys(keys)), kept, accept, clock_of(context).now()))
    if verdict.ok:
        out.print("The chain is whole.")
        return
    told = f"The chain is broken at row {verdict.bad_seq}: {verdict.problem}."
    if accept is None:
        fail(told)
    out.print(f"{told} {accept} has taken note of it; the chain says so.")


@audit.command()
def export(
    since: Annotated[str | None, typer.Option(metavar="WHEN", help=f"From then on: {_MOMENT}.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Up to then; a day is not part of it.")
    ] = None,
    case: Annotated[str | None, typer.Option(metavar="ID", help="Only what is about this case.")] = None,
    config: Config = None,
) -> None:
    """The audit as JSON Lines, in the order of the chain. Every field is described in docs/audit.md."""
    span = trail.Span(_moment(since), _moment(until), case.strip().upper() if case else None)
    run(_export(settings_of(config), span))


def _kept(told: str) -> tuple[int, str]:
    rows, _, head = told.partition(":")
    if not rows.isdecimal() or not head:
        fail(f"{told} is not ROWS:HEAD, as security was sent them.", 2)
    return int(rows), head.strip().lower()


def _moment(told: str | None) -> datetime | None:
    if told is None:
        return None
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        fail(f"{told} is not {_MOMENT}.", 2)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


async def _export(settings: Settings, span: trail.Span) -> None:
    async with database_of(settings) as database, database.reading() as session:
        async for row in trail.rows(session, span):
            typer.echo(json.dumps(trail.told(row), ensure_ascii=False))


async def _verify(
    settings: Settings, chain: Audit, kept: list[tuple[int, str]], accept: str | None, now: datetime
) -> Verdict:
    async with database_of(settings) as database:
        async with database.reading() as session:
            verdict = await chain.verify(session)
            for seq, mac in kept:
                if verdict.ok and not await trail.holds(session, seq, mac):
                    verdict = replace(verdict, bad_seq=seq, problem=Problem.CUT)
        if accept is not None and not verdict.ok:
            async with database.transaction() as session:
                await chain.accept(session, at=now, name=accept, verdict=verdict)
    return verdict
