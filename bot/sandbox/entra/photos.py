"""The photos of the directory: one drawn for each resident, save those who never gave any."""

import struct
import zlib
from hashlib import sha256
from typing import Final

from bot.sandbox.entra.refusals import Refusal, no_resource
from bot.sandbox.entra.requests import Answer, Incoming, Route, one_of
from bot.sandbox.entra.state import NoSuchThing, Tenant

_READ: Final = one_of("ProfilePhoto.Read.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All")
_NEVER: Final = ("Gunnhild Myhre", "Dmytro Shevchuk", "Yuki Tanaka", "Arjun Patel")
_SIDE: Final = 120

Colour = tuple[int, int, int]


class Photos:
    """Who has a photo, and what it looks like."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self.missing = {tenant.world.named(name).object_id for name in _NEVER}
        """Object ids of those without."""

    def routes(self) -> list[Route]:
        """What this part of Graph answers."""
        return [
            Route("GET", "/users/{user}/photo", (_READ,), self._facts),
            Route("GET", "/users/{user}/photo/$value", (_READ,), self._picture),
        ]

    def _facts(self, incoming: Incoming) -> Answer:
        self._owner(incoming)
        size = {"id": f"{_SIDE}x{_SIDE}", "height": _SIDE, "width": _SIDE}
        return Answer(200, {"@odata.mediaContentType": "image/png", **size})

    def _picture(self, incoming: Incoming) -> Answer:
        return Answer(200, picture=drawn(self._owner(incoming)))

    def _owner(self, incoming: Incoming) -> str:
        name = incoming.values["user"]
        try:
            account = self._tenant.account(name)
        except NoSuchThing:
            raise no_resource(name) from None
        if account.id in self.missing:
            raise Refusal(404, "ImageNotFound", "The photo wasn't found.")
        return account.id


def drawn(seed: str) -> bytes:
    """A face of its own for every seed, as a PNG."""
    digest = sha256(seed.encode()).digest()
    wall: Colour = (150 + digest[0] % 90, 150 + digest[1] % 90, 150 + digest[2] % 90)
    skin: Colour = (120 + digest[3] % 120, 80 + digest[3] % 110, 60 + digest[3] % 100)
    hair: Colour = (digest[4] % 140, digest[4] % 110, digest[5] % 70)
    shirt: Colour = (digest[6] % 200, digest[7] % 200, digest[8] % 200)
    rows = (
        b"\x00" + b"".join(bytes(_colour(x, y, wall, skin, hair, shirt)) for x in range(_SIDE))
        for y in range(_SIDE)
    )
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _colour(x: int, y: int, wall: Colour, skin: Colour, hair: Colour, shirt: Colour) -> Colour:
    across, down = x - _SIDE / 2, y - 54
    if any((across - eye) ** 2 + (down + 3) ** 2 < 10 for eye in (-11, 11)):
        return (30, 30, 30)
    if down > 10 and abs(across**2 / 120 + (down - 10) ** 2 / 90 - 0.8) < 0.25:
        return (150, 60, 60)
    if across**2 / 26**2 + down**2 / 32**2 < 1:
        return hair if down < -17 else skin
    if across**2 / 31**2 + (down + 7) ** 2 / 34**2 < 1 and down < 12:
        return hair
    if across**2 / 52**2 + (down - 72) ** 2 / 44**2 < 1:
        return shirt
    return wall


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
