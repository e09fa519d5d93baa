"""``audit verify`` and ``audit export``."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.commands.context import Config, clock_of, database_of, fail, out, run, settings_of
from bot.settings import Settings
from handlers.store import trail
from handlers.store.audit import Audit, Verdict
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
    config: Config = None,
) -> None:
    """Walk the whole chain: any change, gap or cut end is named."""
    settings = settings_of(config)
    keys = [key.get_secret_value() for key in settings.secrets.audit_key]
    if not keys:
        fail("secrets.audit_key is not set: the chain cannot be verified without it.", 2)
    verdict = run(_verify(settings, Audit(AuditKeys(keys)), accept, clock_of(context).now()))
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


async def _verify(settings: Settings, chain: Audit, accept: str | None, now: datetime) -> Verdict:
    async with database_of(settings) as database:
        async with database.reading() as session:
            verdict = await chain.verify(session)
        if accept is not None and not verdict.ok:
            async with database.transaction() as session:
                await chain.accept(session, at=now, name=accept, verdict=verdict)
    return verdict
