"""``manifest slack`` and ``manifest teams``: what the platforms' consoles want."""

import json
import re
from pathlib import Path
from typing import Annotated, Final

import typer

from bot.commands.context import Config, fail, out, settings_of
from bot.guide import words_of
from bot.manifest import app_package, slack_manifest
from bot.settings import SettingsError

manifest = typer.Typer(help="What the consoles of Slack and Teams want.", no_args_is_help=True)
_NUMBER: Final = re.compile(r"(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}")


@manifest.command()
def slack(config: Config = None) -> None:
    """The manifest of the Slack app: paste it under "From a manifest" at api.slack.com/apps."""
    settings = settings_of(config)
    try:
        made = slack_manifest(settings, words_of(settings))
    except SettingsError as error:
        fail(str(error), 2)
    typer.echo(json.dumps(made, ensure_ascii=False, indent=2))


@manifest.command()
def teams(
    file: Annotated[Path, typer.Option("--out", metavar="ZIP", help="Where to write the package.")],
    number: Annotated[
        str, typer.Option(metavar="X.Y.Z", help="Its version: an update needs a higher one.")
    ] = "1.0.0",
    config: Config = None,
) -> None:
    """The package of the Teams app: upload it in the Teams admin centre."""
    if not _NUMBER.fullmatch(number):
        fail(f"{number} is not a version such as 1.0.1.", 2)
    settings = settings_of(config)
    try:
        package = app_package(settings, words_of(settings), number)
    except SettingsError as error:
        fail(str(error), 2)
    try:
        file.write_bytes(package)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}.")
    out.print(
        f"{file} is made, version {number}. Upload it in the Teams admin centre (Teams apps, Manage apps, Upload new "
        "app), then allow it for those it is for. It asks for no permission of its own.",
        soft_wrap=True,
        markup=False,
        highlight=False,
    )
