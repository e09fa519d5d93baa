"""``case list`` and ``case show``."""

from typing import Annotated

import typer
from rich.table import Table

from bot.commands.context import Config, database_of, fail, out, run, settings_of
from bot.settings import Settings
from handlers.records import Case
from handlers.store.audit import Audit
from handlers.store.cases import Cases
from handlers.store.keys import AuditKeys

case = typer.Typer(help="Cases: requests for a pass.", no_args_is_help=True)


@case.command(name="list")
def list_(config: Config = None) -> None:
    """Every case that is not at its end."""
    settings = settings_of(config)
    table = Table("case", "state", "since (UTC)", "account")
    for row in run(_live(settings)):
        table.add_row(row.id, row.state, f"{row.state_at:%Y-%m-%d %H:%M}", row.target_upn)
    out.print(table)


@case.command()
def show(case_id: Annotated[str, typer.Argument(metavar="ID")], config: Config = None) -> None:
    """What is known of one case. There is no pass in it to be shown."""
    found = run(_one(settings_of(config), case_id.strip().upper()))
    if found is None:
        fail(f"There is no case {case_id}: see `tofaktor case list`.")
    table = Table(show_header=False)
    for name, value in _facts(found).items():
        table.add_row(name, value)
    out.print(table)


def _facts(found: Case) -> dict[str, str]:
    moments = {
        "opened": found.opened_at,
        "approved": found.approved_at,
        "pass issued": found.issued_at,
        "pass used": found.used_at,
        "ended": found.ended_at,
    }
    facts = {"case": found.id, "state": found.state, "account": f"{found.target_name} ({found.target_upn})"}
    facts |= {name: f"{at:%Y-%m-%d %H:%M} UTC" for name, at in moments.items() if at is not None}
    if found.agent_name:
        facts["seen by"] = found.agent_name
    return facts


def _cases(settings: Settings) -> Cases:
    keys = [key.get_secret_value() for key in settings.secrets.audit_key]
    if not keys:
        fail("secrets.audit_key is not set.", 2)
    return Cases(Audit(AuditKeys(keys)))


async def _live(settings: Settings) -> list[Case]:
    async with database_of(settings) as database, database.reading() as session:
        return await _cases(settings).live(session)


async def _one(settings: Settings, case_id: str) -> Case | None:
    async with database_of(settings) as database, database.reading() as session:
        return await _cases(settings).get(session, case_id)
