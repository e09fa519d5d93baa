"""The running bot, shared by all threat tests, and the option that takes a control away before it starts."""

from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot import logs
from tests.threats.rig import Rig, rig_in
from tests.threats.taking_away import take_away

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--without-control 07``."""
    parser.addoption("--without-control", metavar="NN", help="take the control of threat NN away")


def pytest_configure(config: pytest.Config) -> None:
    """Before any bot is built."""
    number = config.getoption("--without-control", default=None)
    if number is not None:
        take_away(str(number))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Without its control a test has to find the attack succeeding; that it only stumbles proves nothing."""
    report = yield
    taken = item.config.getoption("--without-control", default=None) is not None
    if (
        taken
        and report.failed
        and call.excinfo is not None
        and not call.excinfo.errisinstance(AssertionError)
    ):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"Skipped: not an assertion: {call.excinfo.exconly()}")
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them share one event loop, as they share the bot."""
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_rig(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    """The bot, started once."""
    async with rig_in(tmp_path_factory.mktemp("threats")) as rig:
        yield rig


@pytest.fixture
def rig(running_rig: Rig) -> Rig:
    """The bot, at the beginning of a test."""
    # A bot of its own that ended in between has taken its own log with it.
    logs.configure("DEBUG", running_rig.log)
    running_rig.begins()
    return running_rig


@pytest_asyncio.fixture(loop_scope="session")
async def own_rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A bot of its own, for a test after which nothing is as it was."""
    async with rig_in(tmp_path) as rig:
        rig.begins()
        yield rig
