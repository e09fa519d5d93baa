"""A clock that can be moved: real time plus an offset that several processes share through a small file."""

import mmap
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

_SECONDS: Final = struct.Struct("<d")


class SandboxClock:
    """``handlers.ports.Clock`` for the sandbox: every process that opens the same file tells the same time."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(_SECONDS.pack(0.0))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), _SECONDS.size)

    def now(self) -> datetime:
        """The sandbox's present moment."""
        (offset,) = _SECONDS.unpack_from(self._shared)
        return datetime.fromtimestamp(time.time() + offset, UTC)

    def move(self, by: timedelta) -> None:
        """Move the clock, forwards or backwards, for everybody at once."""
        (offset,) = _SECONDS.unpack_from(self._shared)
        _SECONDS.pack_into(self._shared, 0, offset + by.total_seconds())

    def move_to(self, moment: datetime) -> None:
        """Set the clock."""
        self.move(moment - self.now())

    def close(self) -> None:
        """Let the file go."""
        self._shared.close()
