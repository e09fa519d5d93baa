"""``rollout …``: the plan of activation days, one module per command."""

import typer

from bot.commands.rollout.exporting import export
from bot.commands.rollout.importing import import_
from bot.commands.rollout.pausing import pause, resume
from bot.commands.rollout.previewing import preview
from bot.commands.rollout.status import status
from bot.commands.rollout.who import who

rollout = typer.Typer(help="The plan of activation days.", no_args_is_help=True)
rollout.command(name="import")(import_)
rollout.command()(export)
rollout.command()(status)
rollout.command()(preview)
rollout.command()(who)
rollout.command()(pause)
rollout.command()(resume)
