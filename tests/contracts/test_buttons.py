"""No button is dead: whatever a message in chat offers, the running bot answers to when it is pressed."""

from collections.abc import Mapping
from pathlib import Path

from bot.sandbox.slack.records import Control
from bot.slack.blocks import action_name
from bot.slack.chat import SlackChat
from bot.slack.client import web_client
from handlers.events import Person
from handlers.messages import Data, Language, all_messages
from tests.contracts.slack_rig import words
from tests.faults.given import answers, played, settled, slack_id

WHO = "Leif Åsen"


def _offered() -> Mapping[str, Data]:
    """The name of every button in chat, and a message that has it. On pages names have no dot."""
    found: dict[str, Data] = {}
    for message in all_messages():
        for example in message.examples():
            for action in example.actions:
                if "." in action.name:
                    found.setdefault(action.name, example)
    return found


async def test_every_button_in_chat_is_answered_to(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        stage, offered = story.stage, _offered()
        whom = Person("slack", stage.world.slack_workspace, slack_id(story, WHO))
        app = stage.slack.installation
        async with web_client(stage.slack.api_url, app.bot_token, None) as client:
            chat = SlackChat(client, words(), (stage.world.slack_workspace,))
            place = await chat.private(whom)
            for name, example in offered.items():
                await chat.send(place, example, Language.EN)
                shown = answers(story, WHO)[-1]

                def wanted(control: Control, name: str = name) -> bool:
                    return action_name(control.action_id) == name

                await stage.slack.press(whom.user, shown.channel, shown.ts, wanted)
                await settled(story)
        dead = [line for line in stage.said().splitlines() if '"unknown-action"' in line]
        assert len(offered) > 20
        assert dead == []
