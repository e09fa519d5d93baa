"""Modals and Home tabs: triggers, versions, the stack."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackEmulator

Body = dict[str, Any]


def modal(title: str = "Form", **more: Any) -> Body:
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": title},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": title}}],
    } | more


def home(text: str) -> Body:
    return {"type": "home", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}


async def error(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def trigger(slack: SlackEmulator, user: str = "U0ANNA") -> str:
    """A fresh trigger id, from a command that nobody listens to."""
    return str((await slack.slash(user, "/2fa")).payload["trigger_id"])


async def test_a_trigger_works_once_and_for_three_seconds(
    slack: SlackEmulator, slack_client: AsyncWebClient, stopwatch: Any
) -> None:
    first = await trigger(slack)
    stopwatch.seconds += 3
    opened = await slack_client.views_open(trigger_id=first, view=modal())
    assert opened["view"]["id"] == slack.views("U0ANNA")[0].id
    assert await error(slack_client.views_open(trigger_id=first, view=modal())) == "exchanged_trigger_id"
    second = await trigger(slack)
    stopwatch.seconds += 3.01
    assert await error(slack_client.views_open(trigger_id=second, view=modal())) == "expired_trigger_id"
    assert await error(slack_client.views_open(trigger_id="1.2.3", view=modal())) == "invalid_trigger_id"


async def test_a_view_that_is_not_valid_leaves_the_trigger(
    slack: SlackEmulator, slack_client: AsyncWebClient
) -> None:
    fresh = await trigger(slack)
    assert await error(slack_client.views_open(trigger_id=fresh, view=modal("x" * 25))) == "invalid_arguments"
    assert await error(slack_client.views_open(trigger_id=fresh, view=home("x"))) == "invalid_arguments"
    huge = modal(blocks=modal("x" * 2900)["blocks"] * 90)
    assert await error(slack_client.views_open(trigger_id=fresh, view=huge)) == "view_too_large"
    await slack_client.views_open(trigger_id=fresh, view=modal())


async def test_a_new_version_needs_the_old_ones_hash(
    slack: SlackEmulator, slack_client: AsyncWebClient
) -> None:
    opened = (await slack_client.views_open(trigger_id=await trigger(slack), view=modal("Wait")))["view"]
    changed = await slack_client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal("Ready"))
    assert changed["view"]["id"] == opened["id"]
    stale = slack_client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal("Late"))
    assert await error(stale) == "hash_conflict"
    now = slack.view("U0ANNA")
    assert now is not None
    assert now.title == "Ready"
    await slack.close(now)
    assert await error(slack_client.views_update(view_id=opened["id"], view=modal())) == "not_found"


async def test_views_by_the_apps_own_name(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    await slack_client.views_open(trigger_id=await trigger(slack), view=modal(external_id="case-1"))
    await slack_client.views_update(external_id="case-1", view=modal("Renamed", external_id="case-1"))
    other = slack_client.views_open(
        trigger_id=await trigger(slack, "U0OLA"), view=modal(external_id="case-1")
    )
    assert await error(other) == "duplicate_external_id"


async def test_the_stack_holds_three(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    blocks = [
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "more", "text": {"type": "plain_text", "text": "More"}}
            ],
        }
    ]
    lone = await trigger(slack)
    assert await error(slack_client.views_push(trigger_id=lone, view=modal())) == "not_found"
    await slack_client.views_open(trigger_id=await trigger(slack), view=modal("One", blocks=blocks))
    for title in ("Two", "Three", "Four"):
        top = slack.views("U0ANNA")[-1]
        pressed = await slack.press_in_view("U0ANNA", top.id, "more")
        push = slack_client.views_push(
            trigger_id=pressed.payload["trigger_id"], view=modal(title, blocks=blocks)
        )
        if title == "Four":
            assert await error(push) == "push_limit_reached"
        else:
            pushed = (await push)["view"]
            assert (pushed["previous_view_id"], pushed["root_view_id"]) == (
                top.id,
                slack.views("U0ANNA")[0].id,
            )
    assert [view.title for view in slack.views("U0ANNA")] == ["One", "Two", "Three"]
    await slack.close(slack.views("U0ANNA")[-1])
    assert [view.title for view in slack.views("U0ANNA")] == ["One", "Two"]


async def test_the_home_tab(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    first = (await slack_client.views_publish(user_id="U0ANNA", view=home("one")))["view"]
    second = (await slack_client.views_publish(user_id="U0ANNA", view=home("two"), hash=first["hash"]))[
        "view"
    ]
    assert second["id"] == first["id"]
    stale = slack_client.views_publish(user_id="U0ANNA", view=home("three"), hash=first["hash"])
    assert await error(stale) == "hash_conflict"
    shown = slack.home("U0ANNA")
    assert shown is not None
    assert shown.shown == "two"
    assert await error(slack_client.views_publish(user_id="U0NOBODY", view=home("x"))) == "invalid_arguments"
    assert await error(slack_client.views_publish(user_id="U0ANNA", view=modal())) == "invalid_arguments"
    slack.set_tabs(home=False)
    assert await error(slack_client.views_publish(user_id="U0ANNA", view=home("x"))) == "not_enabled"
