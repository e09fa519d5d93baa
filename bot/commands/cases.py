"""``case list`` and ``case show``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from bot.commands.context import Config, database_of, fail, out, run, settings_of
from bot.render.values import clean
from bot.settings import Settings
from handlers.records import AuditRow, Case
from handlers.store import trail
from handlers.store.audit import SYSTEM, Audit
from handlers.store.cases import Cases
from handlers.store.keys import AuditKeys

_BOT: Final = "tofaktor"
_WORDS: Final = {"before": "was", "reason": "because:", "seen_by": "seen by", "opened_by": "opened by"}

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
    """What is known of one case, and what was done in it. There is no pass in it to be shown."""
    found = run(_one(settings_of(config), case_id.strip().upper()))
    if found is None:
        fail(f"There is no case {case_id}: see `tofaktor case list`.")
    table = Table(show_header=False)
    for name, value in _facts(found.case).items():
        table.add_row(name, Text(clean(value)))
    out.print(table)
    acts = Table("time (UTC)", "what", "who", "more")
    for row in found.acts:
        acts.add_row(
            f"{row.at:%Y-%m-%d %H:%M:%S}", row.action, Text(clean(found.who(row))), _more(found, row)
        )
    out.print(acts)


@dataclass(frozen=True)
class _Found:
    case: Case
    acts: Sequence[AuditRow]
    names: Mapping[str, str]

    def who(self, row: AuditRow) -> str:
        """Whoever did it; what the bot does by itself nobody did."""
        return _BOT if row.actor in (None, SYSTEM) else self.names.get(row.actor or "", row.actor or "")


def _more(found: _Found, row: AuditRow) -> Text:
    """What else the audit says of the act, in words."""
    said = {
        _WORDS.get(name, name): found.names.get(str(value), str(value))
        for name, value in json.loads(row.data).items()
    }
    return Text(clean(", ".join(f"{name} {value}" for name, value in said.items())))


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
    if found.previous:
        facts["earlier case"] = found.previous
    if found.ticket:
        facts["number"] = found.ticket
    if found.denied_by:
        facts["turned down by"] = f"{found.denied_by} ({found.denied_reason or 'no reason kept'})"
    return facts


def _cases(settings: Settings) -> Cases:
    keys = [key.get_secret_value() for key in settings.secrets.audit_key]
    if not keys:
        fail("secrets.audit_key is not set.", 2)
    return Cases(Audit(AuditKeys(keys)))


async def _live(settings: Settings) -> list[Case]:
    async with database_of(settings) as database, database.reading() as session:
        return await _cases(settings).live(session)


async def _one(settings: Settings, case_id: str) -> _Found | None:
    async with database_of(settings) as database, database.reading() as session:
        case = await _cases(settings).get(session, case_id)
        if case is None:
            return None
        acts = [row async for row in trail.rows(session, trail.Span(case=case_id))]
        return _Found(case, acts, await trail.names(session, case, acts))
