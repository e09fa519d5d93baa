"""Runs a command of the product with the sandbox's clock: ``python -m bot.sandbox.command CLOCK WORD …``."""

import sys
from pathlib import Path

from bot.__main__ import app
from bot.commands import context
from bot.sandbox.clock import SandboxClock


def main() -> None:
    """The product's command line, an hour or a week later."""
    clock, *words = sys.argv[1:]
    app(words, obj=context.Context(SandboxClock(Path(clock))))


if __name__ == "__main__":
    main()
