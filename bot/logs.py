"""Logging: one JSON line per event on stderr, ours and the libraries' alike; in a terminal, lines for eyes."""

import logging
import sys
from typing import Final, TextIO

import structlog
from structlog.typing import Processor

from bot.redaction import redact

OURS: Final = ("bot", "handlers", "graph")

CAPS: Final = {
    # these name people or show payloads at INFO or DEBUG
    "aiohttp.access": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "msal": logging.WARNING,
    "psycopg": logging.WARNING,
    "slack_bolt": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "uvicorn.access": logging.WARNING,
    # writes the whole body of a request whose signature is wrong
    "slack_bolt.AsyncRequestVerification": logging.ERROR,
    "slack_bolt.RequestVerification": logging.ERROR,
}

_SHARED: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every log line of this process to ``stream`` (stderr). Calling it again replaces what was set."""
    stream = stream or sys.stderr
    handler = Handler(stream)
    handler.setFormatter(_formatter(in_terminal=stream.isatty()))
    handler.addFilter(_allowed)
    root = logging.getLogger()
    for old in [known for known in root.handlers if isinstance(known, Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    wanted = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(wanted, logging.INFO))
    for name in OURS:
        logging.getLogger(name).setLevel(wanted)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _formatter(*, in_terminal: bool) -> structlog.stdlib.ProcessorFormatter:
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if in_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=_unknown)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
    )


def _unknown(value: object) -> str:
    """Nothing but the kind of a value that got past redaction."""
    return f"<{type(value).__name__}>"


def _allowed(record: logging.LogRecord) -> bool:
    """Whether a logger may say this. Asked here, since Bolt gives its loggers the level of the root logger."""
    name = record.name
    while name:
        if name in CAPS:
            return record.levelno >= CAPS[name]
        name = name.rpartition(".")[0]
    return record.levelno >= logging.INFO or record.name.partition(".")[0] in OURS


class Handler(logging.StreamHandler[TextIO]):
    """Writes lines, and keeps silent about the contents of one that could not be written."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (the name is the library's)
        """The library's own version prints the message and its arguments unredacted."""
        kind = getattr(sys.exc_info()[0], "__name__", "unknown error")
        try:
            self.stream.write(f'{{"event": "log-line-lost", "logger": "{record.name}", "error": "{kind}"}}\n')
        except (OSError, ValueError):
            return
