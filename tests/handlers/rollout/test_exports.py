"""The accounts of a day, for whoever activates them."""

from datetime import date
from operator import attrgetter

import pytest

from handlers.rollout import exports
from handlers.rollout.exports import State, Wanted, rows
from handlers.store.database import Database
from tests.handlers.rollout.given import BJORN, DAY, LEIF, NOW, PAL, account, entry, put


async def test_a_day_is_exported_page_by_page(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_AT_ONCE", 1)
    await put(
        database,
        entry(PAL, wave="First"),
        entry(LEIF, ready_at=NOW),
        entry(BJORN, date(2027, 1, 19)),
    )
    everybody = [row async for row in rows(database, Wanted(DAY))]
    assert [row.account for row in everybody] == sorted((account(PAL), account(LEIF)))
    assert {(row.account, row.wave, row.state) for row in everybody} == {
        (account(PAL), "First", State.MISSING),
        (account(LEIF), None, State.READY),
    }
    for is_ready, name in ((True, LEIF), (False, PAL)):
        chosen = [row async for row in rows(database, Wanted(DAY, is_ready=is_ready))]
        assert list(map(attrgetter("account"), chosen)) == [account(name)]
