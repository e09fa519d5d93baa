"""Every threat test names the control that it is about, and every control stands where it is said to."""

import re
from pathlib import Path

import pytest

from tests.threats import without
from tests.threats.taking_away import controls, found

_TEST = re.compile(r"^async def test_threat_(\d\d)_", re.MULTILINE)


def test_every_number_has_its_control_and_every_control_its_test() -> None:
    files = Path(__file__).parent.glob("test_*.py")
    numbers = {number for file in files for number in _TEST.findall(file.read_text(encoding="utf-8"))}
    assert numbers == set(controls())


@pytest.mark.parametrize("number", sorted(controls()))
def test_each_control_is_where_it_is_said_to_be(number: str) -> None:
    table = controls()[number]
    assert set(table) == {"control", "without"}
    assert table["control"]
    assert table["without"]
    for place, instead in table["without"].items():
        owner, name = found(place)
        assert hasattr(owner, name)
        assert not isinstance(instead, str) or callable(getattr(without, instead))
