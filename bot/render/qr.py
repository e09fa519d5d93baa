"""QR codes as the outline of their dark squares: no picture is loaded, and no style is needed to be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import segno

QUIET: Final = 4
"""Light squares around a code, without which phones do not find it (ISO/IEC 18004, 6.3.8)."""


@dataclass(frozen=True)
class Outline:
    """What an SVG of ``size`` by ``size`` fills dark, on light."""

    size: int
    path: str


def outline(address: str) -> Outline:
    """The code of an address, with its quiet zone. It can still be read with a seventh of it covered."""
    code = segno.make(address, error="m", micro=False)
    rows = [list(row) for row in code.matrix_iter(border=QUIET)]
    runs = (run for y, row in enumerate(rows) for run in _runs(y, row))
    return Outline(len(rows), "".join(f"M{x} {y}h{width}v1h-{width}z" for x, y, width in runs))


def _runs(y: int, row: list[int]) -> Iterator[tuple[int, int, int]]:
    x = 0
    for dark, squares in groupby(row, bool):
        width = len(list(squares))
        if dark:
            yield x, y, width
        x += width
