"""Reading JSON of unknown shape: what is missing or of another type is simply empty."""

from collections.abc import Iterator, Mapping


def at(source: object, *path: str) -> object:
    """What stands at the end of the path, or None."""
    for name in path:
        if not isinstance(source, Mapping):
            return None
        source = source.get(name)
    return source


def text(source: object, *path: str) -> str:
    """The text at the end of the path, or an empty one."""
    found = at(source, *path)
    return found if isinstance(found, str) else ""


def items(source: object, *path: str) -> Iterator[object]:
    """The members of the list at the end of the path."""
    found = at(source, *path)
    if isinstance(found, list | tuple):
        yield from found
