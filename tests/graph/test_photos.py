"""Photos: what the directory has, and nothing that is none."""

import pytest

from bot.sandbox.entra.photos import drawn
from graph.errors import GraphError, Unreadable
from graph.photos import Photo, Photos
from tests.graph.rig import Rig


async def test_who_has_one_and_who_has_none(rig: Rig) -> None:
    photos, kari, yuki = (
        Photos(rig.client),
        rig.who("Kari Bråten").object_id,
        rig.who("Yuki Tanaka").object_id,
    )
    assert (await photos.has(kari), await photos.has(yuki)) == (True, False)
    assert await photos.of(kari) == Photo("image/png", drawn(kari))
    assert await photos.of(yuki) is None


async def test_a_photo_shows_in_no_log(rig: Rig) -> None:
    assert "PNG" not in repr(await Photos(rig.client).of(rig.who("Kari Bråten").object_id))


@pytest.mark.parametrize("content", [b"<svg onload='x'>", b"", b"GIF89a"])
async def test_what_is_no_photo_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("bot.sandbox.entra.photos.drawn", lambda _: content)
    with pytest.raises(Unreadable):
        await Photos(rig.client).of(rig.who("Kari Bråten").object_id)


async def test_what_is_too_large_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.photos.LARGEST", 100)
    with pytest.raises(Unreadable):
        await Photos(rig.client).of(rig.who("Kari Bråten").object_id)


async def test_when_graph_does_not_answer_nobody_knows(rig: Rig) -> None:
    rig.entra.faults.answer("GET /users/*/photo", 500, times=None)
    with pytest.raises(GraphError):
        await Photos(rig.client).has(rig.who("Kari Bråten").object_id)
