"""``./run test [--all] [--without-controls] [PATH …]``: the tests. Any other option goes to pytest as it is."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
THREATS: Final = ROOT / "tests" / "threats"
_MEMORY: Final = Path("/dev/shm")
_ROOM: Final = 2 << 30
_PROCESSES: Final = int(os.environ.get("TEST_PROCESSES", "3"))
_FROM_THE_SYSTEM: Final = re.compile("PostgreSQL|Chromium|hunspell", re.IGNORECASE)


class NothingLeftOut:
    """On a build machine a test that lacks a program is a failure: there it could go unseen for ever."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, None, None]:
        """Turn such a skip into a failure before anybody counts it."""
        if (
            report.skipped
            and isinstance(report.longrepr, tuple)
            and _FROM_THE_SYSTEM.search(report.longrepr[-1])
        ):
            report.outcome = "failed"
            report.longrepr = report.longrepr[-1]
        yield


def main(words: list[str]) -> int:
    """Run what was asked for; the exit code."""
    if "--without-controls" in words:
        return without_controls()
    paths = [_absolute(word) for word in words if not word.startswith("-")]
    options = [word for word in words if word.startswith("-") and word != "--all"]
    os.chdir(ROOT)
    # Some tests start the bot many times: without bytecode each start would compile all of it again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    arguments = ["-q", "-c", "pyproject.toml", *options, *paths]
    if "--all" not in words:
        arguments += ["-m", "not slow"]
    if not paths or any(Path(path).is_dir() for path in paths):
        # A single file is done sooner than the processes have started.
        arguments += ["-n", str(_PROCESSES), "--dist", "loadscope", "--no-loadscope-reorder"]
    plugins = [NothingLeftOut()] if os.environ.get("CI") == "true" else []
    with _quick_folder():
        code = int(pytest.main(arguments, plugins=plugins))
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        sys.stderr.write("No test was run: is the path right? Slow tests need --all.\n")
    return code


@contextmanager
def _quick_folder() -> Iterator[None]:
    """Temporary files in memory, where there is room: databases that are synced to a disk make the tests wait.

    That a process is killed loses nothing that it wrote, there as on a disk; nobody cuts the power.
    """
    if "TMPDIR" in os.environ or not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM:
        yield
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY, prefix="tofaktor-tests-") as folder:
        # PostgreSQL runs as another user, and has a folder of its own in there.
        Path(folder).chmod(0o711)
        os.environ["TMPDIR"] = folder
        yield


def without_controls() -> int:
    """Take each threat's control away in turn: its test has to fail, or it proves nothing.

    ``controls.toml`` has one table per number; ``conftest.py`` beside it takes the control away that
    ``--without-control NN`` names.
    """
    listing = THREATS / "controls.toml"
    if not listing.is_file():
        sys.stderr.write("There is no tests/threats/controls.toml: no control is named yet.\n")
        return 1
    numbers = sorted(tomllib.loads(listing.read_text(encoding="utf-8")))
    with ThreadPoolExecutor(_PROCESSES) as pool:
        useless = [
            number
            for number, fails in zip(numbers, pool.map(_fails_without, numbers), strict=True)
            if not fails
        ]
    sys.stdout.write(f"{len(numbers) - len(useless)} of {len(numbers)} tests fail without their control.\n")
    return 1 if useless else 0


def _fails_without(number: str) -> bool:
    chosen = [str(THREATS), "-k", f"test_threat_{number}_", "--without-control", number]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", *chosen],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    closing = (done.stdout.splitlines() or [""])[-1]
    # A test that could not even start, or only stumbled, has not failed for want of its control.
    others = (" passed", " skipped", " error")
    fails = done.returncode == pytest.ExitCode.TESTS_FAILED and not any(word in closing for word in others)
    sys.stdout.write(f"{number}: {'fails, as it should' if fails else f'does not fail: {closing}'}\n")
    return fails


def _absolute(word: str) -> str:
    path, colons, test = word.partition("::")
    return f"{Path(path).absolute()}{colons}{test}" if Path(path).exists() else word


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
