"""Takes the control of one threat away, as ``controls.toml`` says."""

import inspect
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tests.threats import without

LISTING: Final = Path(__file__).parent / "controls.toml"


def controls() -> Mapping[str, Mapping[str, Any]]:
    """Each number's table."""
    return tomllib.loads(LISTING.read_text(encoding="utf-8"))


def take_away(number: str) -> None:
    """Put something harmless-looking in the place of each function or constant that the number's table names.

    A text is the name of a function in ``without``, which gets what stood there; any other value stands for itself.
    """
    for place, instead in controls()[number]["without"].items():
        owner, name = found(place)
        before = inspect.getattr_static(owner, name)
        setattr(owner, name, getattr(without, instead)(before) if isinstance(instead, str) else instead)


def found(place: str) -> tuple[Any, str]:
    """``package.module:Class.name``: who owns it, and its name there. ``AttributeError`` when it has moved."""
    module, _, path = place.partition(":")
    *parents, name = path.split(".")
    owner = import_module(module)
    for parent in parents:
        owner = getattr(owner, parent)
    getattr(owner, name)
    return owner, name
