"""The pass and the claim code are seen where they belong, and nowhere else: logs at DEBUG, files, what went out."""

from pathlib import Path

import pytest

from bot.sandbox.old_phone import OldPhone
from bot.sandbox.slack.records import texts
from tests.faults.given import APPROVER, OWNER, approved, played


async def test_pass_and_claim_code_leave_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_LOG", "DEBUG")
    async with played(tmp_path) as story:
        code, browser = await approved(story)
        await story.show(OWNER, browser)
        await story.case_is("Passet er vist")
        await story.use(OWNER)
        await OldPhone(story).goes(OWNER, browser)
        await story.case_is("Ferdig")
        await story.stage.slack.say(story.person(APPROVER).slack_id or "", f"Koden er {code}, og nå?")
        story.nothing_leaked()
        await story.stage.stop_bot()

        plain = code.replace("-", "")
        canaries = {code, plain, code.lower(), plain.lower(), story.pass_shown}
        assert not _holding(tmp_path, canaries)
        assert '"level": "debug"' in story.stage.said()
        for call in story.stage.slack.calls:
            assert not [one for one in canaries if one in call.raw]
        for message in story.stage.slack.every_message:
            if message.by_bot:
                shown = "\n".join((message.text, *texts(message.blocks)))
                assert not [one for one in canaries if one in shown]
        for request in story.stage.entra.requests:
            told = f"{request.path} {request.query} {request.client} {request.body}"
            assert not [one for one in canaries if one in told]


def _holding(folder: Path, canaries: set[str]) -> list[str]:
    """The files below a folder that hold one of these."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"tofaktor.db", "bot.log"} <= {file.name for file in files}
    return [file.name for file in files if any(one.encode() in file.read_bytes() for one in canaries)]
