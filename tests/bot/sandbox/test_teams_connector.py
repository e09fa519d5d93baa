"""The connector takes what Teams takes, and refuses what Teams refuses, in its words."""

import json
from pathlib import Path

import pytest

from bot.sandbox.teams import BlockedAs, TeamsEmulator
from bot.sandbox.world import FJORDHEIM, guid
from tests.bot.sandbox.teams_rig import (
    ANNA,
    KARI,
    NEW,
    OLA,
    Connector,
    Still,
    card,
    code,
    execute,
    teams_running,
    with_card,
)

HELLO = {"type": "message", "text": "Hello"}


def asking(person: str, **more: object) -> dict[str, object]:
    """The body that asks for a conversation with somebody."""
    return {"isGroup": False, "members": [{"id": person}], "tenantId": FJORDHEIM.tenant_id, **more}


async def test_a_message_is_shown_to_the_person_and_to_nobody_else(connector: Connector) -> None:
    teams = connector.teams
    sent = await connector.sent(connector.chat(ANNA), HELLO)
    assert [(each.id, each.shown, each.by_bot) for each in teams.dm(ANNA)] == [(sent, "Hello", True)]
    assert teams.dm(OLA) == ()


async def test_without_the_bots_own_token_nothing_is_done(connector: Connector) -> None:
    path = f"/{connector.chat(ANNA)}/activities"
    mint = connector.login.mint_for_bot
    for token in (
        "",
        "forged",
        mint(client_id=FJORDHEIM.client_id),
        mint(lifetime=-1),
        connector.login.mint(),
    ):
        answer = await connector.ask("POST", path, HELLO, token=token)
        assert answer.status_code == 401
        assert answer.json() == {"message": "Authorization has been denied for this request."}
    assert connector.teams.dm(ANNA) == ()


async def test_a_message_is_changed_for_everybody_and_taken_away(connector: Connector) -> None:
    teams, place = connector.teams, connector.chat(ANNA)
    sent = await connector.sent(place, HELLO)
    answer = await connector.ask("PUT", f"/{place}/activities/{sent}", {"type": "message", "text": "Bye"})
    assert (answer.status_code, answer.json()) == (200, {"id": sent})
    (message,) = teams.dm(ANNA)
    assert message.shown == "Bye"
    assert [each.text for each in message.earlier] == ["Hello"]
    assert (await connector.ask("DELETE", f"/{place}/activities/{sent}")).status_code == 200
    assert teams.dm(ANNA) == ()
    assert code(await connector.ask("DELETE", f"/{place}/activities/{sent}")) == (
        404,
        "ActivityNotFoundInConversation",
    )


async def test_what_people_wrote_is_not_the_bots_to_change(connector: Connector) -> None:
    said = await connector.teams.say(ANNA, "hello")
    answer = await connector.ask("PUT", f"/{said.message.conversation}/activities/{said.message.id}", HELLO)
    assert code(answer) == (403, "NotEnoughPermissions")
    assert connector.teams.dm(ANNA)[0].shown == "hello"


async def test_a_thread_is_named_in_the_conversation_or_by_what_is_answered(connector: Connector) -> None:
    teams, channel = connector.teams, connector.teams.support_channel
    root = await connector.sent(channel, HELLO)
    first = await connector.sent(f"{channel};messageid={root}", {"type": "message", "text": "one"})
    answer = await connector.ask("POST", f"/{channel}/activities/{first}", {"type": "message", "text": "two"})
    assert answer.status_code == 201
    assert [each.shown for each in teams.thread(channel, root)] == ["Hello", "one", "two"]
    wrong = await connector.send(f"{channel};messageid=1", HELLO)
    assert code(wrong) == (404, "ActivityNotFoundInConversation")


async def test_a_new_thread_can_be_made_as_a_conversation(connector: Connector) -> None:
    channel = connector.teams.support_channel
    body = {"isGroup": True, "channelData": {"channel": {"id": channel}}, "activity": HELLO}
    answer = await connector.ask("POST", "", body | {"tenantId": FJORDHEIM.tenant_id})
    root = answer.json()["activityId"]
    assert (answer.status_code, answer.json()["id"]) == (201, f"{channel};messageid={root}")
    assert connector.teams.messages(channel)[0].id == root
    del body["activity"]
    assert code(await connector.ask("POST", "", body)) == (400, "BadSyntax")


async def test_a_conversation_is_made_once_by_either_id(connector: Connector) -> None:
    account = connector.teams.account(ANNA)
    ids = [(await connector.ask("POST", "", asking(each))).json()["id"] for each in (ANNA, account)]
    assert set(ids) == {connector.chat(ANNA)}
    assert ids[0].startswith("a:")


async def test_through_a_team_with_the_app_its_members_are_reached(connector: Connector) -> None:
    assert connector.teams.chat(KARI) is None
    answer = await connector.ask("POST", "", asking(KARI, activity=HELLO))
    assert answer.status_code == 201
    assert [each.shown for each in connector.teams.dm(KARI)] == ["Hello"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (asking(NEW), (403, "ForbiddenOperationException")),
        (asking(guid("nobody")), (403, "ForbiddenOperationException")),
        (asking("29:1of-another-bot"), (400, "BadArgument")),
        (asking(ANNA) | {"tenantId": None}, (400, "BadSyntax")),
        (asking(ANNA) | {"tenantId": guid("tenant", "elsewhere")}, (400, "BadSyntax")),
        (asking(ANNA) | {"members": [{"aadObjectId": ANNA}]}, (400, "BadSyntax")),
        (asking(ANNA) | {"members": [{"id": ANNA}, {"id": OLA}]}, (400, "BadSyntax")),
        (asking(ANNA) | {"isGroup": True}, (400, "BadSyntax")),
        (None, (400, "BadSyntax")),
    ],
)
async def test_no_conversation_is_made(connector: Connector, body: object, expected: tuple[int, str]) -> None:
    assert code(await connector.ask("POST", "", body)) == expected


async def test_who_is_out_of_reach_is_told_apart(connector: Connector) -> None:
    teams, place = connector.teams, connector.chat(ANNA)
    teams.block(ANNA)
    answer = await connector.send(place, HELLO)
    assert (answer.status_code, answer.json()["errorCode"]) == (403, 209)
    assert json.loads(answer.json()["message"])["subCode"] == "MessageWritesBlocked"
    teams.blocked_as = BlockedAs.USER
    assert code(await connector.send(place, HELLO)) == (403, "ConversationBlockedByUser")
    teams.unblock(ANNA)
    await teams.uninstall(ANNA)
    assert code(await connector.send(place, HELLO)) == (403, "BotNotInConversationRoster")
    assert code(await connector.ask("POST", "", asking(ANNA))) == (403, "ForbiddenOperationException")
    assert code(await connector.send("a:1nowhere", HELLO)) == (404, "ConversationNotFound")
    assert code(await connector.send("29:1somebody", HELLO)) == (400, "BadArgument")
    assert teams.dm(ANNA) == ()


async def test_a_deleted_conversation_is_dead_and_the_next_has_another_id(connector: Connector) -> None:
    old = connector.chat(ANNA)
    connector.teams.delete_chat(ANNA)
    assert code(await connector.send(old, HELLO)) == (404, "ConversationNotFound")
    made = await connector.ask("POST", "", asking(ANNA))
    assert made.status_code == 201
    assert made.json()["id"] == connector.chat(ANNA) != old


async def test_where_the_app_is_not_in_the_team_its_channels_are_shut(connector: Connector) -> None:
    await connector.teams.uninstall_from_team(KARI)
    answer = await connector.send(connector.teams.support_channel, HELLO)
    assert code(answer) == (403, "BotNotInConversationRoster")


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        ({"type": "message"}, (400, "BadSyntax")),
        ({"text": "no type"}, (400, "BadArgument")),
        ({"type": "event", "text": "x"}, (400, "BadArgument")),
        ({"type": "message", "text": 7}, (400, "BadArgument")),
        ({"type": "message", "text": "x", "textFormat": "html"}, (400, "BadArgument")),
        ({"type": "message", "attachments": {"contentType": "x"}}, (400, "BadArgument")),
        ({"type": "message", "attachments": [{"contentType": "text/csv"}]}, (400, "BadArgument")),
        (with_card({"type": "AdaptiveCard", "version": "1.6", "body": []}), (400, "BadArgument")),
        (with_card(card({"type": "Action.Http", "title": "x"})), (400, "BadArgument")),
        (with_card(card()) | {"attachments": with_card(card())["attachments"] * 2}, (400, "BadSyntax")),
        (
            {"type": "message", "text": "x", "entities": [{"type": "mention", "text": "<at>Ola</at>"}]},
            (400, "BadArgument"),
        ),
        ([], (400, "BadArgument")),
        ({"type": "message", "text": "æ" * 51_200}, (413, "MessageSizeTooBig")),
    ],
)
async def test_what_is_no_activity_is_not_sent(
    connector: Connector, activity: object, expected: tuple[int, str]
) -> None:
    answer = await connector.ask("POST", f"/{connector.chat(ANNA)}/activities", activity)
    assert code(answer) == expected
    assert connector.teams.dm(ANNA) == ()


async def test_words_beside_a_card_become_two_messages_whose_ids_nobody_learns(connector: Connector) -> None:
    place = connector.chat(ANNA)
    answer = await connector.send(place, with_card(card(execute("approve")), text="Look"))
    assert (answer.status_code, answer.json()) == (202, {})
    words, with_buttons = connector.teams.dm(ANNA)
    assert (words.shown, with_buttons.shown) == ("Look", "A case\nApprove")
    changed = await connector.ask(
        "PUT", f"/{place}/activities/{with_buttons.id}", with_card(card(), text="Look")
    )
    assert code(changed) == (400, "BadSyntax")


async def test_a_summary_is_what_a_notification_says(connector: Connector) -> None:
    await connector.sent(connector.chat(ANNA), with_card(card(), summary="A case waits"))
    assert connector.teams.dm(ANNA)[0].summary == "A case waits"


async def test_writing_is_shown_and_is_no_message(connector: Connector) -> None:
    place = connector.chat(ANNA)
    assert (await connector.send(place, {"type": "typing"})).status_code == 202
    assert connector.teams.typing == [place]
    assert connector.teams.dm(ANNA) == ()


async def test_members_are_listed_found_and_paged(connector: Connector) -> None:
    teams = connector.teams
    place = connector.chat(ANNA)
    (anna,) = (await connector.ask("GET", f"/{place}/members")).json()
    assert (anna["id"], anna["aadObjectId"]) == (teams.account(ANNA), ANNA)
    assert (await connector.ask("GET", f"/{place}/members/{teams.account(ANNA)}")).json() == anna
    assert code(await connector.ask("GET", f"/{place}/members/{OLA}")) == (
        404,
        "MemberNotFoundInConversation",
    )
    page = (await connector.ask("GET", f"/{teams.support_channel}/pagedMembers?pageSize=50")).json()
    assert [each["aadObjectId"] for each in page["members"]] == [KARI]
    assert "continuationToken" not in page


async def test_a_conversation_takes_seven_messages_in_a_second(tmp_path: Path) -> None:
    seconds = [100.0]
    async with teams_running(tmp_path, limit_rates=True, monotonic=lambda: seconds[0]) as connector:
        place = connector.chat(ANNA)
        for _ in range(7):
            await connector.sent(place, HELLO)
        refused = await connector.send(place, HELLO)
        assert code(refused) == (429, "Throttled")
        assert refused.headers["Retry-After"] == "1"
        assert (await connector.send(connector.chat(OLA), HELLO)).status_code == 201
        connector.teams.limiter.says_how_long = False
        assert "Retry-After" not in (await connector.send(place, HELLO)).headers
        seconds[0] += 1.5
        await connector.sent(place, HELLO)
        assert code(await connector.send(place, HELLO)) == (429, "Throttled"), "eight in two seconds"


async def test_the_tenant_takes_fifty_requests_in_a_second(tmp_path: Path) -> None:
    async with teams_running(tmp_path, limit_rates=True, monotonic=lambda: 100.0) as connector:
        connector.teams.limiter.per_tenant = 3
        places = [connector.chat(ANNA), connector.chat(OLA)] * 2
        answers = [await connector.send(place, HELLO) for place in places]
        assert [each.status_code for each in answers] == [201, 201, 201, 429]


async def test_times_are_the_clocks(connector: Connector, teams: TeamsEmulator) -> None:
    await connector.sent(connector.chat(ANNA), HELLO)
    assert teams.dm(ANNA)[0].at == Still().at
    assert teams.calls_of("send")[0].ok
