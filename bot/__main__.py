"""The command line: ``tofaktor …``."""

from typing import Annotated

import typer

from bot.commands import service
from bot.commands.ask import ask
from bot.commands.audit import audit
from bot.commands.cases import case
from bot.commands.check import check
from bot.commands.context import fail, run
from bot.commands.freezing import unfreeze
from bot.commands.manifest import manifest
from bot.commands.passes import passes
from bot.commands.questions import questions
from bot.commands.rollout import rollout
from bot.commands.verification import verification

app = typer.Typer(
    help="The support bot for turning on two-factor sign-in in Microsoft 365.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(name="run")(service.start)
app.command()(ask)
app.command()(check)
app.add_typer(service.db, name="db")
app.add_typer(audit, name="audit")
app.add_typer(case, name="case")
app.add_typer(rollout, name="rollout")
verification.command()(unfreeze)
app.add_typer(verification, name="verification")
app.add_typer(questions, name="questions")
app.add_typer(passes, name="passes")
app.add_typer(manifest, name="manifest")


@app.command()
def sandbox(
    port: Annotated[
        int, typer.Option(help="The port of the page; 0 takes a free one.", min=0, max=65535)
    ] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the data folder at the end.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    tour: Annotated[bool, typer.Option("--tour", help="Play the story here, without a browser.")] = False,
    socket_mode: Annotated[
        bool, typer.Option("--socket-mode", help="Slack by Socket Mode rather than over HTTP.")
    ] = False,
) -> None:
    """Play every part against the real bot, with emulated Slack, Entra and Graph. Loopback only."""
    # Here and not above: the emulators are no part of the product that runs.
    from bot.sandbox import play  # noqa: PLC0415

    if tour:
        if not run(play.tour(keep=keep, socket_mode=socket_mode)):
            fail("The story did not hold: see above.")
    elif not run(play.page(port=port, keep=keep, open_browser=not no_browser, socket_mode=socket_mode)):
        fail("The sandbox did not open: see above.")


def main() -> None:
    """Run one command."""
    app()


if __name__ == "__main__":
    main()
