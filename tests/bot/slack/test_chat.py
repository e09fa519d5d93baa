"""What is Slack's alone about ``SlackChat``: how it calls, and what it makes of each refusal."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from bot.sandbox.slack import SlackUser
from bot.slack.chat import SlackChat
from bot.slack.client import proxy_for, web_client
from handlers.events import Person, Place
from handlers.messages import Greeting, Language, RelayTopicForm
from handlers.ports import (
    ChatError,
    FormExpired,
    OutcomeUnknown,
    Rejected,
    TryLater,
    Unreachable,
)
from tests.contracts.slack_rig import ANNA, TEAM, SlackRig, person, slack_rig, words

EN = Language.EN


@pytest.fixture
async def rig() -> AsyncIterator[SlackRig]:
    """A workspace and the chat in it."""
    async with slack_rig() as rig:
        yield rig


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("channel_not_found", Unreachable),
        ("not_in_channel", Unreachable),
        ("is_archived", Unreachable),
        ("messages_tab_disabled", Unreachable),
        ("restricted_action_read_only_channel", Unreachable),
        ("user_disabled", Unreachable),
        ("ratelimited", TryLater),
        ("message_limit_exceeded", TryLater),
        ("internal_error", OutcomeUnknown),
        ("fatal_error", OutcomeUnknown),
        ("invalid_blocks", Rejected),
        ("missing_scope", Rejected),
        ("token_revoked", Rejected),
        ("expired_trigger_id", FormExpired),
        ("Something & else", Rejected),
    ],
)
async def test_each_refusal_has_its_meaning(rig: SlackRig, code: str, error: type[ChatError]) -> None:
    rig.emulator.faults.fail("chat.postMessage", code)
    with pytest.raises(error) as caught:
        await rig.chat.send(rig.channel, Greeting(), EN)
    assert type(caught.value) is error
    assert "&" not in str(caught.value)


@pytest.mark.parametrize("fault", ["server_error", "drop", "lose_answer"])
async def test_what_may_be_repeated_is_tried_later_and_what_may_not_is_unknown(
    rig: SlackRig, fault: str
) -> None:
    reference = await rig.chat.send(rig.channel, Greeting(), EN)
    for method in ("chat.update", "chat.postMessage"):
        getattr(rig.emulator.faults, fault)(method)
    with pytest.raises(TryLater):
        await rig.chat.update(reference, Greeting(), EN)
    with pytest.raises(OutcomeUnknown):
        await rig.chat.send(rig.channel, Greeting(), EN)
    assert len(rig.emulator.calls_of("chat.update")) == 1
    assert len(rig.emulator.calls_of("chat.postMessage")) == 2


async def test_a_slack_that_is_down_is_asked_later(rig: SlackRig) -> None:
    rig.emulator.faults.down()
    with pytest.raises(TryLater):
        await rig.chat.profile(rig.anna.person)
    with pytest.raises(TryLater):
        await rig.chat.find(ANNA.email or "")
    with pytest.raises(TryLater):
        await rig.chat.private(rig.anna.person)


async def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    async with web_client("http://127.0.0.1:9/api/", "xoxb-x", None) as client:
        with pytest.raises(TryLater):
            await SlackChat(client, words(), [TEAM]).send(Place("slack", "C1"), Greeting(), EN)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html>sign in</html>", "text/html"),
        ("ok", "text/plain"),
        ("[]", "application/json"),
        ("{", "application/json"),
    ],
)
async def test_an_answer_that_is_not_slacks_is_an_unknown_outcome(body: str, kind: str) -> None:
    async def portal(request: web.Request) -> web.Response:
        return web.Response(text=body, content_type=kind)

    app = web.Application()
    app.router.add_route("*", "/api/{method}", portal)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        async with web_client(url, "xoxb-x", None) as client:
            with pytest.raises(OutcomeUnknown):
                await SlackChat(client, words(), [TEAM]).send(Place("slack", "C1"), Greeting(), EN)
    finally:
        await runner.cleanup()


async def test_messages_ask_slack_to_add_nothing(rig: SlackRig) -> None:
    reference = await rig.chat.send(rig.channel, Greeting(), EN)
    await rig.chat.update(reference, Greeting(thanks=True), EN)
    await rig.chat.whisper(rig.channel, rig.anna.person, Greeting(), EN)
    sent, changed, whispered = (
        rig.emulator.calls_of(method)[0].args
        for method in ("chat.postMessage", "chat.update", "chat.postEphemeral")
    )
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["link_names"]) == (False, False, False)
    for args in (sent, changed, whispered):
        assert args["text"]
        assert args["blocks"]
        assert args["parse"] == "none"


async def test_a_place_known_by_its_person_is_opened_first(rig: SlackRig) -> None:
    somebody = Place("slack", f"user:{ANNA.id}", private=True)
    reference = await rig.chat.send(somebody, Greeting(), EN)
    await rig.chat.whisper(somebody, rig.anna.person, Greeting(thanks=True), EN)
    assert reference.place == await rig.chat.private(rig.anna.person)
    assert len(rig.emulator.from_bot(ANNA.id)) == 2
    with pytest.raises(Unreachable):
        await rig.chat.send(replace(somebody, conversation="user:U0NOBODY"), Greeting(), EN)


async def test_a_whisper_to_somebody_who_is_not_there_is_unreachable(rig: SlackRig) -> None:
    with pytest.raises(Unreachable):
        await rig.chat.whisper(Place("slack", rig.emulator.support_channel), rig.anna.person, Greeting(), EN)


async def test_an_unconfirmed_address_finds_nobody(rig: SlackRig) -> None:
    email = "ukjent@fjordheim.example"
    rig.emulator.add_user(SlackUser("U0NEW", "Ny", email, email_confirmed=False))
    assert await rig.chat.find(email) is None
    assert (await rig.chat.profile(Person("slack", TEAM, "U0NEW"))).email is None
    rig.emulator.add_user(SlackUser("U0NEW", "Ny", email))
    assert await rig.chat.find(email) == Person("slack", TEAM, "U0NEW")


async def test_every_look_at_a_person_is_a_fresh_one(rig: SlackRig) -> None:
    assert (await rig.chat.profile(rig.anna.person)).refusal is None
    rig.emulator.add_user(replace(ANNA, is_restricted=True))
    assert (await rig.chat.profile(rig.anna.person)).refusal == "guest"
    rig.emulator.add_user(replace(ANNA, deleted=True))
    assert (await rig.chat.profile(person(ANNA))).refusal == "deactivated"


async def test_a_form_carries_its_name_and_record(rig: SlackRig) -> None:
    form = RelayTopicForm("0f6b2c1e5a514a8f", "Koden kommer ikke")
    await rig.chat.open_form(await rig.pressed(rig.anna.person), form, EN)
    view = rig.emulator.view(ANNA.id)
    assert view is not None
    assert (view.callback_id, view.private_metadata) == ("relay_topic_form", "0f6b2c1e5a514a8f")


async def test_a_form_whose_opening_was_not_answered_may_stand_there(rig: SlackRig) -> None:
    rig.emulator.faults.lose_answer("views.open")
    with pytest.raises(OutcomeUnknown):
        await rig.chat.open_form(
            await rig.pressed(rig.anna.person), RelayTopicForm("0f6b2c1e5a514a8f", "Koden kommer ikke"), EN
        )
    assert rig.emulator.view(ANNA.id) is not None


async def test_calls_run_side_by_side(rig: SlackRig) -> None:
    held = rig.emulator.faults.hold("users.info")
    slow = asyncio.create_task(rig.chat.profile(rig.anna.person))
    await rig.emulator.wait_for(lambda: rig.emulator.calls_of("users.info"))
    assert await rig.chat.find(ANNA.email or "") == rig.anna.person
    assert not slow.done()
    held.set()
    assert await slow == rig.anna


@pytest.mark.parametrize(
    ("url", "through"),
    [
        ("https://slack.com/api/", "http://proxy.example:3128"),
        ("https://slack.inside.example/api/", None),
        ("http://127.0.0.1:9100/api/", None),
        ("http://localhost:9100/api/", None),
    ],
)
def test_a_proxy_is_never_between_us_and_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str, through: str | None
) -> None:
    for name in ("HTTP_PROXY", "NO_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", ".inside.example")
    assert proxy_for(url) == through


async def test_the_client_goes_straight_to_a_loopback_address_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with slack_rig() as rig:
        assert (await rig.chat.profile(rig.anna.person)).name == ANNA.name
