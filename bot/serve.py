"""Runs the bot until it is told to stop: the web server around ``bot.app``."""

import asyncio
import gc
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from bot.app import running
from bot.settings import Bind, Settings
from handlers.ports import Clock

log = structlog.get_logger(__name__)


class CannotListen(Exception):
    """The address to listen at cannot be had."""


class _Server(uvicorn.Server):
    """Uvicorn, without its signal handlers: it would end the process before our own clean-up has run."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours."""
        yield


def listen(bind: Bind) -> socket.socket:
    """A socket at ``web.bind``. ``CannotListen`` when it is taken or not ours."""
    family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
    try:
        return socket.create_server((bind.host, bind.port), family=family, backlog=256)
    except OSError as error:
        why = error.strerror or "not possible"
        raise CannotListen(
            f"web.bind {bind} cannot be listened at ({why}): stop what uses it or choose another port."
        ) from None


async def serve(
    settings: Settings,
    clock: Clock,
    *,
    listener: socket.socket | None = None,
) -> None:
    """Run until SIGTERM or SIGINT, then stop gracefully. Raises what ``running`` and ``listen`` raise."""
    sock = listener or listen(settings.web.bind)
    with sock:
        async with running(settings, clock) as app:
            config = uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=10,
                h11_max_incomplete_event_size=64 * 1024,
            )
            server = _Server(config)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, setattr, server, "should_exit", True)
            # What was built stays to the end: looking through all of it for rubbish would hold up answers.
            gc.freeze()
            log.info("started", public_url=settings.web.public_url)
            await server.serve(sockets=[sock])
    log.info("stopped")
