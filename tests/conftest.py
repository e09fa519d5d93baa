"""What every test may ask for, and what no test may reach."""

import gc
import logging
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import certifi
import pytest
import structlog

from bot import logs

HERE: Final = Path(__file__).parent
_LONG: Final = ("faults", "journeys", "threats")
"""Where tests start the bot, and wait for it. They come first, so that the short ones fill their waits."""
_ON_POSTGRESQL: Final = (HERE / "handlers" / "store", HERE / "journeys")
"""What is tried on PostgreSQL each time."""
_IN_A_BROWSER: Final = (HERE / "journeys" / "test_browser.py",)
"""What is looked at in a browser each time."""

pytest_plugins = ("tests.browser", "tests.databases", "tests.sweeping")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting, token or proxy of whoever runs the tests reaches them."""
    for name in list(os.environ):
        if name.startswith(("TOFAKTOR_", "SLACK_")) or name.lower() in (
            "http_proxy",
            "https_proxy",
            "all_proxy",
        ):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """Whatever a test sends its log to, and however loud, the next one begins as if it were the first."""
    root = logging.getLogger()
    told, levels = list(root.handlers), {name: logging.getLogger(name).level for name in ("", *logs.OURS)}
    configured, how = structlog.is_configured(), structlog.get_config()
    yield
    for handler in [each for each in root.handlers if isinstance(each, logs.Handler) and each not in told]:
        root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    if configured:
        structlog.configure(**how)
    else:
        structlog.reset_defaults()


@pytest.fixture(scope="session", autouse=True)
def _trust_read_once() -> Iterator[None]:
    """Read the system's certificates once and not for each client. Certificates of a test's own are read anew."""
    read, system = ssl.create_default_context, ssl.create_default_context()

    def trust(*purpose: ssl.Purpose, cafile: str | None = None, **others: Any) -> ssl.SSLContext:
        plain = not purpose and not others and cafile in (None, certifi.where())
        return system if plain else read(*purpose, cafile=cafile, **others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", trust)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Choose what is run each time, and put first what takes long."""
    for item in items:
        for marker, folders in (("postgres", _ON_POSTGRESQL), ("browser", _IN_A_BROWSER)):
            if item.get_closest_marker(marker) and not any(
                each in (item.path, *item.path.parents) for each in folders
            ):
                item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: not any(HERE / name in item.path.parents for name in _LONG))


def pytest_collection_finish() -> None:
    """What has been imported and collected stays to the end: no use looking through it for rubbish again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out and what would bring it back, once each."""
    left_out: dict[str, int] = {}
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        left_out[reason] = left_out.get(reason, 0) + 1
    for reason, count in sorted(left_out.items()):
        terminalreporter.write_line(f"{count} left out: {reason.removeprefix('Skipped: ')}")
