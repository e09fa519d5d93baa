"""``./run lint``: format, lint, types, import contracts, spelling, and what may not be committed."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.render.ageing import ageing, written

ROOT: Final = Path(__file__).parents[1]
PROGRAMS: Final = Path(sys.executable).parent
LONGEST: Final = 360
"""Lines: a file that outgrows its idea becomes a folder."""
_NOT_OURS: Final = frozenset({"__pycache__", "build", "dist", "secrets"})
_FORBIDDEN: Final = re.compile(
    r"https?://[^\s\"']*/(?:simple|pypi)/|\bpy"
    r"pi[.]org|files[.]python"
    r"hosted|registry[.]npm"
    r"js|deb[.]debian"
    r"[.]org|(?:index|find-links)-url[= ]+http|/(?:root|home/\w+)/\w"
)
"""The host of an index, or a folder of some machine, would tie the project to whoever wrote it."""
_LOCKS: Final = frozenset({"uv.lock", "poetry.lock", "Pipfile.lock", "pylock.toml"})

Check = Callable[[], str]
"""What is wrong; nothing when all is well."""


def command(*words: str) -> Check:
    """A check that is a program."""

    def check() -> str:
        done = subprocess.run(
            [str(PROGRAMS / words[0]), *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        if done.returncode:
            return said or f"{words[0]} ended with {done.returncode}\n"
        sys.stderr.write(said if said.startswith("skipped") else "")
        return ""

    return check


def sizes() -> str:
    """No source file is longer than one can keep in mind."""
    lines = {
        file.relative_to(ROOT): len(file.read_text(encoding="utf-8").splitlines())
        for file in _ours(ROOT)
        if file.suffix == ".py" and file.relative_to(ROOT).parts[0] != "tests"
    }
    return "".join(
        f"{file} has {count} lines, more than {LONGEST}: make it a folder.\n"
        for file, count in lines.items()
        if count > LONGEST
    )


def addresses() -> str:
    """Nothing names the host of a package index or a folder of somebody's machine; no lock file is kept."""
    found = ""
    for file in _ours(ROOT):
        text = file.read_bytes().decode(errors="replace")
        match = _FORBIDDEN.search(text)
        if match:
            found += (
                f"{file.relative_to(ROOT)}, line {text.count(chr(10), 0, match.start()) + 1}: {match[0]}\n"
            )
        if file.name in _LOCKS:
            found += f"{file.relative_to(ROOT)} names the host of a package index.\n"
    return found


def facts() -> str:
    """Facts that are about to end are named, and nothing fails by the calendar alone."""
    today = datetime.now(UTC).date()
    sys.stderr.write("".join(f"warning: {notice}\n" for notice in ageing(written(ROOT / "templates"), today)))
    return ""


def _ours(folder: Path) -> Iterator[Path]:
    """Every file that is part of the project, whether git is there or not."""
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.name not in {".ci", ".gitignore", ".gitattributes"}
        if hidden or path.name in _NOT_OURS or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _ours(path)
        elif path.suffix not in {".db", ".png", ".pyc"}:
            yield path


CHECKS: Final[dict[str, Check]] = {
    "format": command("ruff", "format", "--check", "-q", "."),
    "lint": command("ruff", "check", "-q", "."),
    "types": command("mypy", "--no-error-summary"),
    "imports": command("lint-imports", "--no-cache", "--no-logo"),
    "spelling": command("python", "tests/spelling.py"),
    "sizes": sizes,
    "addresses": addresses,
    "facts": facts,
}


def main() -> int:
    """Run every check; one line for each, and below it what is wrong."""
    failed = False
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {name: pool.submit(check) for name, check in CHECKS.items()}
        for name, outcome in running.items():
            wrong = outcome.result()
            failed = failed or bool(wrong)
            sys.stdout.write(f"{'✗' if wrong else '✓'} {name}\n{wrong}")
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
