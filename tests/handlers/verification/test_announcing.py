"""What the rules were at each start: written down once for each change, and told where support works."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from handlers.messages import PolicyWeakened
from handlers.records import AuditRow
from handlers.store.audit import Audit, AuditKeys
from handlers.verification.announcing import Announcing
from tests.handlers.rig import Rig

FIRST, SECOND = "0f3a9c4be1d27586", "7700aa5512ee9031"


@pytest.fixture
def announcing(rig: Rig) -> Announcing:
    return Announcing(rig.database, Audit(AuditKeys([b"a" * 32])), rig.cards.channels, rig.clock)


async def _told(rig: Rig) -> list[tuple[str, ...]]:
    while await rig.delivery.step():
        pass
    return [shown.data.settings for shown in rig.chat.everything if isinstance(shown.data, PolicyWeakened)]


async def test_weaker_rules_are_told_once_and_again_when_they_change(
    rig: Rig, announcing: Announcing
) -> None:
    for _ in range(3):
        await announcing.started(FIRST, ["approval.step_up"])
    assert await _told(rig) == [("approval.step_up",)]
    await announcing.started(SECOND, ["approval.step_up", "passes.daily_cap"])
    await announcing.started(FIRST, ["approval.step_up"])
    assert await _told(rig) == [
        ("approval.step_up",),
        ("approval.step_up", "passes.daily_cap"),
        ("approval.step_up",),
    ]


async def test_rules_as_advised_are_written_down_and_told_to_nobody(rig: Rig, announcing: Announcing) -> None:
    await announcing.started(FIRST, [])
    assert await _told(rig) == []
    async with rig.database.reading() as session:
        rows = (
            await session.scalars(select(AuditRow).where(col(AuditRow.action) == "settings.in-force"))
        ).all()
    assert [FIRST in row.data for row in rows] == [True]
