"""Starts the bot as the sandbox's child: the product as it is, with the sandbox's clock.

python -m bot.sandbox.launcher --config FILE --clock FILE --fd N
"""

import argparse
import asyncio
import os
import socket
import sys
from pathlib import Path

from bot import logs
from bot.sandbox.clock import SandboxClock
from bot.serve import serve
from bot.settings import SettingsError, load
from bot.slack.edge import SlackRefused
from handlers.store.errors import StoreError


def main() -> int:
    """Run until told to stop; the exit code of the process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--clock", type=Path, required=True)
    parser.add_argument("--fd", type=int, required=True)
    given = parser.parse_args()
    logs.configure(os.environ.get("SANDBOX_LOG", "INFO"))
    try:
        settings = load(given.config, os.environ)
        with socket.socket(fileno=given.fd) as listener:
            asyncio.run(serve(settings, SandboxClock(given.clock), listener=listener))
    except (SettingsError, StoreError, SlackRefused) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
