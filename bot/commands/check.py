"""``check``: what works, what does not, and what helps."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from bot import logs
from bot.commands.context import Config, clock_of, out, run
from bot.doctor import Finding, State, examine
from bot.doctor.finding import fine, wrong
from bot.settings import Settings, SettingsError, load

_MARKS: Final = {State.OK: ("✓", "green"), State.WARN: ("!", "yellow"), State.FAIL: ("✗", "red")}


def check(
    context: typer.Context,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, for other programs.")] = False,
    send_test: Annotated[
        bool, typer.Option("--send-test", help="Send a mail from mail.sender to itself as well.")
    ] = False,
    config: Config = None,
) -> None:
    """Look whether everything that the bot needs is there. Exit code 1 if anything fails; warnings are none."""
    # What the clients say of their troubles is in the findings, in other words.
    logs.configure(os.environ.get("LOG_LEVEL", "ERROR"))
    settings, found = _read(config)
    findings = [found]
    if settings is not None:
        findings += run(examine(settings, clock_of(context), send_test=send_test))
    well = all(finding.state is not State.FAIL for finding in findings)
    if json_:
        typer.echo(
            json.dumps({"ok": well, "checks": [asdict(each) for each in findings]}, ensure_ascii=False)
        )
    else:
        _show(findings)
    if not well:
        raise typer.Exit(1)


def _read(config: Path | None) -> tuple[Settings | None, Finding]:
    """The settings, and what is to be said of them. What is there is looked at even when something is missing."""
    name = "Settings"
    try:
        return load(config, os.environ), fine(name, "can be used")
    except SettingsError as error:
        found = wrong(name, str(error).rstrip("."), "correct it: docs/settings.md explains every key")
    try:
        return load(config, os.environ, complete=False), found
    except SettingsError:
        return None, found


def _show(findings: Sequence[Finding]) -> None:
    for finding in findings:
        mark, style = _MARKS[finding.state]
        line = Text.assemble((mark, style), " ", (finding.name, "bold"), f": {finding.found}.")
        if finding.remedy:
            line.append(f" Remedy: {finding.remedy}.")
        out.print(line, soft_wrap=True, highlight=False)
