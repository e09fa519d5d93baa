"""The machine's clock is set back by a day: nothing goes out twice, nothing waits for a day."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.faults.given import answered, ask, opened, played, ready, rows, until

_BACK = -timedelta(days=1)


@pytest.mark.slow
async def test_a_clock_set_back_by_a_day_stops_and_repeats_nothing(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        slack, clock = story.stage.slack, story.stage.clock
        _, browser = await opened(story)
        await ask(story, "Siobhán O'Brien")
        await answered(story, "Siobhán O'Brien")
        slack.faults.fail("users.info", "ratelimited")
        await ask(story, "Priya Nair")
        await until(story, lambda: "event-retried" in story.stage.said() or None)
        clock.move(_BACK)
        await answered(story, "Priya Nair")
        await ask(story, "Siobhán O'Brien")
        await answered(story, "Siobhán O'Brien", 2)
        assert (await browser.get("/case")).status_code == httpx.codes.OK
        assert (await browser.post("/case/show")).status_code == httpx.codes.CONFLICT
        assert (await ready(story.stage)).status_code == httpx.codes.OK
        assert all(delivery.acknowledged for delivery in slack.deliveries)
        assert rows(story.stage, "SELECT count(*) FROM outbox WHERE repeated") == [(0,)]
        clock.move(-_BACK)
        await story.approve("Ingrid Solbakken")


@pytest.mark.slow
async def test_a_lease_of_a_later_day_does_not_hold_for_a_day(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        held = story.stage.slack.faults.hold("users.info")
        await ask(story, "Siobhán O'Brien")
        await until(story, lambda: story.stage.slack.calls_of("users.info") or None)
        await story.stage.kill_bot()
        held.set()
        story.stage.clock.move(_BACK)
        await story.stage.start_bot()
        await answered(story, "Siobhán O'Brien")
