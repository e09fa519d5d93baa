"""``./run lint``: format, lint, types, import contracts, spelling, and what may not be committed."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = ROOT / ".venv" / "bin"
SOURCES: Final = ("bot", "handlers", "graph", "migrations", "tests")
LONGEST: Final = 350
"""Lines: a file that outgrows its idea becomes a folder."""
_FORBIDDEN: Final = re.compile(
    r"https?://[^\s\"']*/(?:simple|pypi)/|files\.python"
     r"hosted|registry\.npm"
     r"js|deb\.debian"
     r"\.org"
)
"""The host of an index would tie the project to whoever installed it last."""


def command(*words: str) -> Callable[[], bool]:
    """A check that is a program; it prints for itself."""
    return lambda: subprocess.run([str(PYTHON / words[0]), *words[1:]], cwd=ROOT, check=False).returncode == 0


def _tracked() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    yield from (ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


def sizes() -> bool:
    """No source file is longer than one can keep in mind."""
    long = [
        (file, lines)
        for file in _tracked()
        if file.suffix == ".py" and (lines := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST
    ]
    for file, lines in long:
        print(f"{file.relative_to(ROOT)} has {lines} lines, more than {LONGEST}: make it a folder.")  # noqa: T201
    return not long


def addresses() -> bool:
    """Nothing names the host of a package index, and no lock file that does is kept."""
    found = [
        file
        for file in _tracked()
        if file.name in ("uv.lock", "poetry.lock")
        or (file.suffix != ".png" and _FORBIDDEN.search(file.read_text(encoding="utf-8", errors="replace")))
    ]
    for file in found:
        print(f"{file.relative_to(ROOT)} names the host of a package index.")  # noqa: T201
    return not found


CHECKS: Final[dict[str, Callable[[], bool]]] = {
    "format": command("ruff", "format", "--check", "-q", "."),
    "lint": command("ruff", "check", "-q", "."),
    "types": command("mypy", "--no-error-summary"),
    "imports": command("lint-imports", "--no-cache", "--no-logo"),
    "spelling": command("python", "tests/spelling.py"),
    "sizes": sizes,
    "addresses": addresses,
}


def main() -> int:
    """Run every check, and name those that failed."""
    failed = [name for name, check in CHECKS.items() if not check()]
    for name in CHECKS:
        print(f"{'✗' if name in failed else '✓'} {name}")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
