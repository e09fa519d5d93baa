"""Everything comes twice, or three times: as Slack's retries, and as the very bytes that somebody overheard."""

from pathlib import Path

from bot.sandbox.slack.records import Kind
from tests.faults.given import APPROVER, OWNER, answered, approved, ask, events, played, rows, settled

_UNCHANGED = (
    'SELECT * FROM "case"',
    "SELECT * FROM audit",
    "SELECT key, state FROM outbox ORDER BY id",
    "SELECT * FROM approval",
)


async def test_what_comes_again_changes_nothing(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        await story.ask("Siobhán O'Brien", "What is a temporary access pass?", "temporary access pass")
        _, browser = await approved(story)
        await story.show(OWNER, browser)
        await story.case_is("Passet er vist")
        await settled(story)
        slack = story.stage.slack
        first, interactions = events(story), [e for e in slack.deliveries if e.kind is Kind.INTERACTION]
        assert first
        assert interactions
        before = slack.every_message
        stored = [rows(story.stage, query) for query in _UNCHANGED]
        for _ in range(2):
            assert all([(await slack.redeliver(each)).acknowledged for each in first])
            assert all([(await slack.replay(each)).acknowledged for each in interactions])
        await settled(story)
        assert [rows(story.stage, query) for query in _UNCHANGED] == stored
        assert slack.every_message == before
        assert len(story.stage.entra.passes_created) == 1
        await ask(story, APPROVER)
        await answered(story, APPROVER)
