"""Microsoft's own models read what the emulator sends, and its own client talks to the emulated connector."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from microsoft_teams.api import Account, ActivityTypeAdapter, ApiClient, TypingActivityInput
from microsoft_teams.api.activities.message.message import MessageActivityInput
from microsoft_teams.api.clients.conversation.params import CreateConversationParams
from microsoft_teams.api.models import TaskModuleResponse
from microsoft_teams.api.models.adaptive_card import (
    AdaptiveCardActionCardResponse,
    AdaptiveCardActionErrorResponse,
    AdaptiveCardActionMessageResponse,
)
from microsoft_teams.cards import AdaptiveCard
from microsoft_teams.common import ClientOptions

from bot.sandbox.teams import check_card
from tests.bot.sandbox.teams_rig import (
    ANNA,
    CARD,
    KARI,
    NEW,
    Bot,
    Connector,
    card,
    dialog,
    execute,
    opening,
    with_card,
)

pytestmark = pytest.mark.filterwarnings("ignore:The bot client is deprecated")
"""Of a part of the client that it makes for itself."""


@pytest.fixture
async def client(connector: Connector) -> AsyncIterator[ApiClient]:
    """Microsoft's client, as the bot would use it."""
    api = ApiClient(
        connector.teams.service_url, ClientOptions(timeout=10, token=connector.login.mint_for_bot())
    )
    yield api
    await api.http.http.aclose()


async def test_what_is_delivered_is_what_microsoft_describes(connector: Connector, bot: Bot) -> None:
    teams, channel = connector.teams, connector.teams.support_channel
    submit = {"type": "Action.Submit", "title": "Send", "data": {"form": "f"}}
    sent = await connector.sent(channel, with_card(card(execute("approve"), opening("reply"), submit)))
    await teams.install(NEW)
    await teams.say(ANNA, "hello")
    await teams.say(KARI, "help", channel=channel)
    bot.answer = lambda heard: (
        dialog(card(submit))
        if heard.get("name") == "task/fetch"
        else {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "ok"}
        if heard.get("name") == "adaptiveCard/action"
        else None
    )
    await teams.press(KARI, sent, "approve", conversation=channel)
    await teams.press(KARI, sent, "reply", conversation=channel)
    await teams.submit(KARI)
    await teams.press(KARI, sent, "Send", conversation=channel)
    await teams.uninstall(NEW)
    await teams.uninstall_from_team(KARI)
    read = [ActivityTypeAdapter.validate_python(each) for each in bot.heard]
    assert [type(each).__name__ for each in read] == [
        "InstalledActivity",
        "ConversationUpdateActivity",
        "MessageActivity",
        "MessageActivity",
        "AdaptiveCardInvokeActivity",
        "TaskFetchInvokeActivity",
        "TaskSubmitInvokeActivity",
        "MessageActivity",
        "UninstalledActivity",
        "UninstalledActivity",
        "ConversationUpdateActivity",
    ]
    for told in read:
        assert told.channel_id == "msteams"
        assert told.from_.aad_object_id
        assert told.channel_data is not None
        assert told.channel_data.tenant is not None


async def test_microsofts_client_talks_to_it(connector: Connector, client: ApiClient) -> None:
    teams, talk = connector.teams, client.conversations
    made = await talk.create(
        CreateConversationParams(members=[Account(id=ANNA)], tenant_id=teams.app.tenant_id)
    )
    assert made.id == connector.chat(ANNA)
    sent = await talk.create_activity(made.id, MessageActivityInput(text="Hello"))
    await talk.update_activity(made.id, sent.id, MessageActivityInput(text="Bye"))
    reply = await talk.reply_to_activity(made.id, sent.id, MessageActivityInput(text="again"))
    assert [each.shown for each in teams.dm(ANNA)] == ["Bye", "again"]
    await talk.delete_activity(made.id, reply.id)
    await talk.create_activity(made.id, TypingActivityInput())
    assert teams.typing == [made.id]
    with_buttons = MessageActivityInput().add_card(AdaptiveCard.model_validate(card(execute("look"))))
    await talk.create_activity(made.id, with_buttons)
    assert [each.shown for each in teams.dm(ANNA)] == ["Bye", "A case\nLook"]
    (member,) = await talk.get_members(made.id)
    assert (member.id, member.aad_object_id) == (teams.account(ANNA), ANNA)
    assert (await talk.get_member_by_id(made.id, teams.account(ANNA))).email == "anna@fjordheim.example"
    page = await talk.get_paged_members(teams.support_channel)
    assert [each.aad_object_id for each in page.members] == [KARI]


async def test_its_refusals_reach_microsofts_client(connector: Connector, client: ApiClient) -> None:
    teams = connector.teams
    teams.block(ANNA)
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        await client.conversations.create_activity(connector.chat(ANNA), MessageActivityInput(text="x"))
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        await client.conversations.create(
            CreateConversationParams(members=[Account(id=NEW)], tenant_id=teams.app.tenant_id)
        )
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        await client.conversations.create(
            CreateConversationParams(
                members=[Account(id="", aad_object_id=ANNA)], tenant_id=teams.app.tenant_id
            )
        )


@pytest.mark.parametrize(
    "answer",
    [
        AdaptiveCardActionMessageResponse(value="ok"),
        AdaptiveCardActionCardResponse(value=AdaptiveCard.model_validate(card(execute("x")))),
        AdaptiveCardActionErrorResponse.model_validate(
            {
                "statusCode": 400,
                "type": "application/vnd.microsoft.error",
                "value": {"code": "x", "message": "y", "innerHttpError": {"statusCode": 400, "body": None}},
            }
        ),
    ],
    ids=["toast", "card", "error"],
)
async def test_the_answers_that_microsoft_makes_are_understood(
    connector: Connector, bot: Bot, answer: Any
) -> None:
    await connector.sent(connector.chat(ANNA), with_card(card(execute("go"))))
    bot.answer = lambda _: answer.model_dump(by_alias=True, exclude_none=True)
    await connector.teams.press(ANNA, connector.teams.dm(ANNA)[0], "go")
    assert connector.teams.malformed == []


async def test_a_dialog_that_microsoft_makes_is_opened(connector: Connector, bot: Bot) -> None:
    submit = {"type": "Action.Submit", "title": "Send", "data": {"form": "f"}}
    made = TaskModuleResponse.model_validate(dialog(card(submit)))
    await connector.sent(connector.chat(ANNA), with_card(card(opening("reply"))))
    bot.answer = lambda _: made.model_dump(by_alias=True, exclude_none=True)
    await connector.teams.press(ANNA, connector.teams.dm(ANNA)[0], "reply")
    opened = connector.teams.dialog(ANNA)
    assert opened is not None
    assert opened.title == "Reply to Anna"


def test_the_cards_that_microsoft_makes_are_taken() -> None:
    made = AdaptiveCard.model_validate(card(execute("look"), opening("reply")))
    assert check_card(made.model_dump(by_alias=True, exclude_none=True, mode="json")) == []
    assert CARD == "application/vnd.microsoft.card.adaptive"
