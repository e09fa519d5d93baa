"""A QR code is read back as the address it was made from, with nothing but its outline to go by."""

import re

import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.qr import QUIET, Outline, outline

SCALE = 4
STORE = "https://play.google.com/store/apps/details?id=com.azure.authenticator"
paths = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/?=&%", max_size=200)


def painted(drawn: Outline) -> memoryview:
    """The outline filled black on white, as a browser does it."""
    side = drawn.size * SCALE
    rows = [bytearray(b"\xff" * side) for _ in range(side)]
    for x, y, width in (map(int, run) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", drawn.path)):
        for row in rows[y * SCALE : (y + 1) * SCALE]:
            row[x * SCALE : (x + width) * SCALE] = bytes(width * SCALE)
    return memoryview(b"".join(rows)).cast("B", (side, side))


@settings(deadline=None, max_examples=40)
@given(paths)
def test_an_address_survives(path: str) -> None:
    address = f"https://fjordheim.example/{path}"
    [read] = zxingcpp.read_barcodes(painted(outline(address)))
    assert (read.text, str(read.format)) == (address, "QR Code")


def test_the_outline_is_nothing_but_squares() -> None:
    drawn = outline(STORE)
    assert re.fullmatch(r"(?:M\d+ \d+h\d+v1h-\d+z)+", drawn.path)


def test_there_is_a_quiet_zone_all_around() -> None:
    drawn = outline(STORE)
    runs = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)", drawn.path)]
    inside = range(QUIET, drawn.size - QUIET)
    assert {min(x for x, _, _ in runs), min(y for _, y, _ in runs)} == {QUIET}
    assert all(y in inside and x in inside and x + width - 1 in inside for x, y, width in runs)


def test_some_of_it_may_be_covered() -> None:
    """A thumb or a reflection: a corner of the data is blank."""
    drawn = outline(STORE)
    half = drawn.size - QUIET - 5
    kept = "".join(
        run
        for run in re.findall(r"M\d+ \d+h\d+v1h-\d+z", drawn.path)
        if not all(int(place) >= half for place in re.findall(r"M(\d+) (\d+)", run)[0])
    )
    assert kept != drawn.path
    [read] = zxingcpp.read_barcodes(painted(Outline(drawn.size, kept)))
    assert read.text == STORE
