"""What every test may ask for, and what no test may reach."""

import os

import pytest

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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out and what would bring it back, once each."""
    left_out: dict[str, int] = {}
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        left_out[reason] = left_out.get(reason, 0) + 1
    for reason, count in sorted(left_out.items()):
        terminalreporter.write_line(f"{count} left out: {reason.removeprefix('Skipped: ')}")
