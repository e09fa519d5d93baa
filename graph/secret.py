"""A value that must not be seen by accident."""

from hmac import compare_digest
from typing import NoReturn


class Secret:
    """Text that masks itself: only ``reveal()`` gives it away.

    ``repr``, ``str`` and every format are masked; it cannot be pickled or copied into another structure.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The text itself. Only for the one place that needs it."""
        return self.__value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be copied or pickled")
