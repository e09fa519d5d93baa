"""Runs hunspell over the words of all templates: ``python tests/spelling.py``. Exits 1 for unknown words.

Names and terms that are right stand in ``tests/words.txt``, one a line.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jinja2 import Environment
from ruamel.yaml import YAML

ROOT: Final = Path(__file__).resolve().parents[1]
WORDS: Final = ROOT / "tests" / "words.txt"
DICTIONARIES: Final = {"en": "en_GB", "nb": "nb_NO", "nn": "nn_NO"}
NOT_WORDS: Final = ("source", "dated", "locale", "dates")
"""Front matter that nobody is shown."""
_ADDRESS = re.compile(
    r"\]\([^)\s]*\)|https?://\S+|\S+@\S+|\b[\w-]+(?:\.[\w-]+)+\b|`[^`]*`|\?\w+=\w+|\b[A-Z]{4}-\d{4}\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
"""The parts of a compound with a hyphen are words of their own."""


def main() -> int:
    """Check every language and say what is unknown, and where."""
    if shutil.which("hunspell") is None:
        sys.stdout.write(
            "skipped: hunspell not installed (apt-get install hunspell hunspell-no hunspell-en-gb)\n"
        )
        return 1 if os.environ.get("CI") == "true" else 0
    problems = [problem for language in DICTIONARIES for problem in _check(language)]
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    return 1 if problems else 0


def _check(language: str) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "templates" / language).rglob("*")):
        if path.name.endswith(".md.j2") or path.suffix == ".yaml":
            for word in _words(path):
                found.setdefault(word, []).append(path.relative_to(ROOT).as_posix())
    for word in _unknown(sorted(found), DICTIONARIES[language]):
        yield f"{found[word][0]}: {word}"


def _words(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    head, body = (text, "") if path.suffix == ".yaml" else text.removeprefix("---\n").split("\n---\n", 1)
    front = YAML(typ="safe", pure=True).load(head) or {}
    for written in (*_strings(front), body):
        for piece in _data(written):
            yield from _WORD.findall(_ADDRESS.sub(" ", piece).replace("’", "'"))


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield from (text for key, value in node.items() if key not in NOT_WORDS for text in _strings(value))
    elif isinstance(node, list):
        yield from (text for value in node for text in _strings(value))


def _data(text: str) -> Iterator[str]:
    """What is written in a template, without what Jinja works out; words in its strings are words too."""
    for _, kind, value in Environment(autoescape=True).lex(text):
        if kind == "data":
            yield value
        elif kind == "string" and " " in value:
            yield value[1:-1]


def _unknown(words: list[str], dictionary: str) -> list[str]:
    if not words:
        return []
    listed = subprocess.run(
        ["hunspell", "-d", dictionary, "-i", "utf-8", "-l"],
        input="\n".join(words),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    accepted = {word.casefold() for word in _accepted()}
    return sorted(word for word in set(listed) if word.casefold() not in accepted)


def _accepted() -> list[str]:
    return WORDS.read_text(encoding="utf-8").split()


if __name__ == "__main__":
    sys.exit(main())
