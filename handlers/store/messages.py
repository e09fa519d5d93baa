"""Messages as fields of a row, and back: by name, so that a row outlives a restart and an upgrade."""

from collections.abc import Mapping
from functools import cache

from pydantic import TypeAdapter, ValidationError

from handlers.messages import Data, all_messages, name_of


def dumped(data: Data) -> dict[str, object]:
    """The fields of a message in plain JSON."""
    fields: dict[str, object] = _adapter(name_of(type(data))).dump_python(data, mode="json")
    return fields


def loaded(name: str, fields: Mapping[str, object] | None) -> Data | None:
    """The message of a row; nothing when this version of the program cannot read it."""
    try:
        return _adapter(name).validate_python(fields)
    except (KeyError, ValidationError):
        return None


@cache
def _adapter(name: str) -> TypeAdapter[Data]:
    return TypeAdapter({name_of(kind): kind for kind in all_messages()}[name])
