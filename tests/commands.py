"""Runs ``tofaktor`` in a process of its own: a fork of one that has imported everything, since that takes seconds."""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PATIENCE: Final = 60.0


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def fails(self, code: int, *words: str) -> None:
        """One sentence on stderr, with these words in it, and nothing of Python's."""
        assert self.code == code, self.err
        assert len(self.err.strip().splitlines()) == 1, self.err
        assert self.err.rstrip().endswith((".", "?", "`"))
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err


def tofaktor(*words: str, environment: Mapping[str, str]) -> Said:
    """Run a command to its end, with these variables and none of ours."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bot.sandbox.warmed"])
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        running = context.Process(target=_command, args=(words, dict(environment), out, err), daemon=True)
        running.start()
        running.join(_PATIENCE)
        assert running.exitcode is not None, f"{words} has not ended"
        return Said(running.exitcode, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))


def _command(words: tuple[str, ...], environment: Mapping[str, str], out: Path, err: Path) -> None:
    for file, stream in ((out, sys.stdout), (err, sys.stderr)):
        with file.open("wb") as said:
            os.dup2(said.fileno(), stream.fileno())
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tofaktor", *words]
    from bot.__main__ import main  # noqa: PLC0415 – what it imports looks at the variables

    main()
