"""``questions …``: the ways of asking, and what they lead to."""

import typer

from bot.commands.report import report

questions = typer.Typer(help="The ways of asking, and what they lead to.", no_args_is_help=True)
questions.command()(report)


@questions.callback()
def _questions() -> None:
    """The ways of asking, and what they lead to."""
