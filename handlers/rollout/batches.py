"""Much, taken a little at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

SIZE: Final = 500
"""Rows of one statement."""
_T = TypeVar("_T")


def batches(items: Iterable[_T], size: int = SIZE) -> Iterator[list[_T]]:
    """Lists of so many at most, in order."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
