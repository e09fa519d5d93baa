"""What Slack sends becomes one typed event, or is ignored with a reason; nothing else can happen."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack import SlackEmulator
from bot.slack import forms
from bot.slack.listening import Listening
from bot.slack.payloads import LONGEST_TEXT, Ignored, plain, read
from handlers.events import Asked, Gone, Opened, Person, Place, Pressed, Submitted
from tests.contracts.slack_rig import ANNA, BERIT, FOREIGN, TEAM, FixedClock

Json = dict[str, Any]
US = "U0TOFAKTOR"
HELP, SUPPORT = "C0HELP", "C0SUPPORT"
LISTENING = Listening(frozenset({HELP}), frozenset({SUPPORT}))


def message(**event: object) -> Json:
    """A direct message, changed as told."""
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": "Ev1",
        "authorizations": [{"user_id": US, "is_bot": True}],
        "is_ext_shared_channel": False,
        "event": {
            "type": "message",
            "channel_type": "im",
            "channel": "D1",
            "user": ANNA.id,
            "team": TEAM,
            "text": "hei",
            "ts": "1.1",
        }
        | event,
    }


def press(**changes: object) -> Json:
    """A press of a button in a channel, changed as told."""
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": ANNA.id, "team_id": TEAM},
        "trigger_id": "1.2.abc",
        "container": {"type": "message", "message_ts": "5.5", "channel_id": "C1", "is_ephemeral": False},
        "channel": {"id": "C1", "name": "support"},
        "message": {"ts": "5.5"},
        "actions": [
            {"type": "button", "action_id": "approvals.approve", "value": "K7QF-2M", "action_ts": "6.6"}
        ],
    } | changes


def sent_in(**view: object) -> Json:
    """A form sent in, changed as told."""
    return {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": {"id": ANNA.id, "team_id": TEAM},
        "trigger_id": "1.2.abc",
        "view": {
            "id": "V1",
            "type": "modal",
            "hash": "1.a",
            "callback_id": "check_form",
            "private_metadata": "K7QF-2M",
            "title": {"type": "plain_text", "text": "Check"},
            "submit": {"type": "plain_text", "text": "Send"},
            "close": {"type": "plain_text", "text": "Close"},
            "blocks": [
                {"type": "section", "block_id": "s", "text": {"type": "plain_text", "text": "Solveig"}},
                {
                    "type": "input",
                    "block_id": "account",
                    "label": {"type": "plain_text", "text": "Account"},
                    "element": {"type": "plain_text_input", "action_id": "account"},
                },
                {
                    "type": "input",
                    "block_id": "checks",
                    "label": {"type": "plain_text", "text": "Checks"},
                    "element": {"type": "checkboxes", "action_id": "checks", "options": []},
                },
                {"type": "actions", "elements": []},
            ],
            "state": {
                "values": {
                    "account": {"account": {"type": "plain_text_input", "value": "solveig"}},
                    "checks": {
                        "checks": {
                            "type": "checkboxes",
                            "selected_options": [
                                {"value": "photo-id", "text": {"type": "plain_text", "text": "Photo ID"}},
                                {"value": "face", "text": {"type": "plain_text", "text": "Face"}},
                            ],
                        }
                    },
                }
            },
        }
        | view,
    }


def in_channel(channel: str = HELP, **event: object) -> Json:
    """A message in a channel, changed as told."""
    return message(**{"channel": channel, "channel_type": "channel"} | event)


def ours(payload: Json) -> object:
    """As the edge of our one workspace reads it."""
    return read(payload, (TEAM,))


def overheard(payload: Json) -> object:
    """As it is read where we listen."""
    return read(payload, (TEAM,), LISTENING)


def test_a_direct_message_is_a_question() -> None:
    assert ours(message()) == Asked(
        "slack:message:D1:1.1", Person("slack", TEAM, ANNA.id), Place("slack", "D1", private=True), "hei"
    )


def test_a_direct_message_in_a_thread_is_answered_there() -> None:
    asked = ours(message(thread_ts="0.9"))
    assert isinstance(asked, Asked)
    assert asked.place.thread == "0.9"


def test_a_mention_is_answered_in_its_thread_without_our_name() -> None:
    asked = ours(in_channel("C1", type="app_mention", channel_type=None, text=f"<@{US}> ny mobil"))
    assert isinstance(asked, Asked)
    assert (asked.place, asked.text) == (Place("slack", "C1", "1.1"), "ny mobil")


def test_a_screenshot_with_a_question_is_a_question() -> None:
    assert isinstance(ours(message(subtype="file_share")), Asked)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bot_id": "B1"}, "bot"),
        ({"user": None}, "bot"),
        ({"user": "USLACKBOT"}, "bot"),
        ({"subtype": "message_changed"}, "not-plain"),
        ({"subtype": "message_deleted"}, "not-plain"),
        ({"subtype": "bot_message"}, "not-plain"),
        ({"edited": {"ts": "2.2"}}, "not-plain"),
        ({"channel_type": "channel"}, "not-to-us"),
        ({"channel_type": "mpim"}, "not-to-us"),
        ({"user_team": FOREIGN}, "other-workspace"),
        ({"source_team": FOREIGN}, "other-workspace"),
        ({"team": FOREIGN}, "other-workspace"),
        ({"ts": None}, "no-id"),
        ({"type": "app_home_opened", "tab": "messages"}, "kind"),
        ({"type": "app_home_opened", "tab": "home", "user": None}, "no-id"),
    ],
)
def test_what_is_no_question_of_ours_is_ignored(change: Json, reason: str) -> None:
    assert ours(message(**change)) == Ignored(reason)


@pytest.mark.parametrize("kind", ["message", "app_mention"])
def test_channels_shared_with_others_are_ignored_whoever_speaks(kind: str) -> None:
    said = in_channel(type=kind)
    assert overheard(said | {"is_ext_shared_channel": True}) == Ignored("shared-channel")
    unsaid = {name: value for name, value in said.items() if name != "is_ext_shared_channel"}
    assert overheard(unsaid) == Ignored("shared-channel")
    assert isinstance(overheard(said), Asked)


def test_a_private_conversation_needs_no_word_about_sharing() -> None:
    said = message()
    del said["is_ext_shared_channel"]
    assert isinstance(ours(said), Asked)
    assert ours(said | {"is_ext_shared_channel": True}) == Ignored("shared-channel")


def test_what_is_written_in_a_help_channel_is_overheard() -> None:
    place = Place("slack", HELP, "1.1")
    person = Person("slack", TEAM, ANNA.id)
    assert overheard(in_channel()) == Asked(
        f"slack:message:{HELP}:1.1", person, place, "hei", addressed=False
    )
    reply = overheard(in_channel(thread_ts="0.9"))
    assert isinstance(reply, Asked)
    assert (reply.place.thread, reply.addressed) == ("0.9", False)


def test_in_the_support_channel_only_threads_are_listened_to() -> None:
    reply = overheard(in_channel(SUPPORT, thread_ts="0.9"))
    assert isinstance(reply, Asked)
    assert (reply.place, reply.addressed) == (Place("slack", SUPPORT, "0.9"), False)
    assert overheard(in_channel(SUPPORT)) == Ignored("not-to-us")
    assert overheard(in_channel(SUPPORT, thread_ts="1.1")) == Ignored("not-to-us")


@pytest.mark.parametrize("thread", [None, "0.9"])
def test_anywhere_else_nothing_is_listened_to(thread: str | None) -> None:
    assert overheard(in_channel("C0OTHER", thread_ts=thread)) == Ignored("not-to-us")
    assert ours(in_channel(thread_ts=thread)) == Ignored("not-to-us")
    assert ours(in_channel(SUPPORT, thread_ts=thread)) == Ignored("not-to-us")


@pytest.mark.parametrize("channel", [HELP, "C0OTHER"])
@pytest.mark.parametrize("words", [f"<@{US}> hei", f"hei <@{US}|tofaktor>, hva nå?"])
def test_words_that_name_us_count_as_the_mention_whichever_comes_first(channel: str, words: str) -> None:
    heard = [overheard(in_channel(channel, type=kind, text=words)) for kind in ("message", "app_mention")]
    assert heard[0] in (Ignored("named"), Ignored("not-to-us"))
    assert isinstance(heard[1], Asked)
    assert heard[1].addressed


def test_words_that_name_somebody_else_are_overheard() -> None:
    assert isinstance(overheard(in_channel(text=f"<@{BERIT.id}> vet du?")), Asked)


def test_even_if_slack_does_not_say_who_we_are_one_message_is_one_event() -> None:
    said = [in_channel(type=kind, text=f"<@{US}> hei") for kind in ("message", "app_mention")]
    ids = [event.id for one in said if isinstance(event := overheard(one | {"authorizations": []}), Asked)]
    assert len(ids) == 2
    assert len({*ids}) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bot_id": "B1"}, "bot"),
        ({"subtype": "channel_join"}, "not-plain"),
        ({"subtype": "message_changed"}, "not-plain"),
        ({"edited": {"ts": "2.2"}}, "not-plain"),
        ({"user_team": FOREIGN}, "other-workspace"),
    ],
)
def test_what_is_not_said_by_a_person_of_ours_is_not_listened_to(change: Json, reason: str) -> None:
    for said in (in_channel(**change), in_channel(SUPPORT, thread_ts="0.9", **change)):
        assert overheard(said) == Ignored(reason)


def test_a_look_at_the_home_tab_is_an_event_of_its_own() -> None:
    opened = Opened("slack:event:Ev1", Person("slack", TEAM, ANNA.id))
    assert ours(message(type="app_home_opened", tab="home")) == opened


@pytest.mark.parametrize("payload", [message(), press(), sent_in()])
def test_without_workspaces_of_our_own_nobody_is_heard(payload: Json) -> None:
    assert read(payload, ()) == Ignored("other-workspace")
    assert read(payload | {"team_id": FOREIGN, "team": {"id": FOREIGN}}, (TEAM,)) == Ignored(
        "other-workspace"
    )


def test_a_payload_that_names_no_workspace_is_nobodys() -> None:
    assert ours({"command": "/2fa", "user_id": ANNA.id, "trigger_id": "1"}) == Ignored("other-workspace")


def test_an_organisation_is_the_tenant_of_its_people_everywhere() -> None:
    for payload in (
        message() | {"enterprise_id": "E1"},
        press(enterprise={"id": "E1"}),
        sent_in() | {"enterprise": {"id": "E1"}},
        {"command": "/2fa", "team_id": TEAM, "enterprise_id": "E1", "user_id": ANNA.id, "trigger_id": "1"},
    ):
        event = ours(payload)
        assert isinstance(event, Asked | Pressed | Submitted)
        assert event.person == Person("slack", "E1", ANNA.id)


def test_a_command_is_a_question_in_private() -> None:
    asked = ours(
        {"command": "/2fa", "text": " mistet  ", "team_id": TEAM, "user_id": ANNA.id, "trigger_id": "1.x"}
    )
    assert isinstance(asked, Asked)
    assert (asked.place, asked.text) == (Place("slack", f"user:{ANNA.id}", private=True), "mistet")
    assert "1.x" not in asked.id


def test_a_press_names_action_record_opener_and_message() -> None:
    pressed = ours(press())
    assert isinstance(pressed, Pressed)
    assert (pressed.action, pressed.record) == ("approvals.approve", "K7QF-2M")
    assert (pressed.opener, pressed.message) == ("trigger:1.2.abc", "5.5")
    assert pressed.place == Place("slack", "C1")
    assert "abc" not in pressed.id


def test_what_makes_an_action_id_unique_is_no_part_of_its_name() -> None:
    pressed = ours(press(actions=[{"type": "button", "action_id": "questions.topic#2", "value": "setup"}]))
    assert isinstance(pressed, Pressed)
    assert (pressed.action, pressed.record) == ("questions.topic", "setup")


def test_a_press_in_a_whisper_has_no_message_to_update() -> None:
    container = {"type": "message", "message_ts": "5.5", "channel_id": "C1", "is_ephemeral": True}
    pressed = ours(press(container=container, message=None))
    assert isinstance(pressed, Pressed)
    assert pressed.message is None


def test_a_press_in_a_thread_and_one_on_its_root_stand_where_they_stand() -> None:
    reply = ours(press(message={"ts": "5.5", "thread_ts": "4.4"}))
    root = ours(press(message={"ts": "5.5", "thread_ts": "5.5"}))
    assert isinstance(reply, Pressed)
    assert isinstance(root, Pressed)
    assert (reply.place.thread, root.place.thread) == ("4.4", None)


def test_a_press_in_a_direct_message_is_private() -> None:
    pressed = ours(press(channel={"id": "D1", "name": "directmessage"}))
    assert isinstance(pressed, Pressed)
    assert pressed.place == Place("slack", "D1", private=True)


def test_a_press_in_a_form_counts_as_private() -> None:
    pressed = ours(press(container={"type": "view", "view_id": "V1"}, channel=None, message=None))
    assert isinstance(pressed, Pressed)
    assert pressed.place == Place("slack", f"user:{ANNA.id}", private=True)


def test_other_controls_and_other_peoples_presses_are_ignored() -> None:
    assert ours(press(actions=[{"type": "checkboxes", "action_id": "checks"}])) == Ignored("not-a-button")
    assert ours(press(actions=[])) == Ignored("not-a-button")
    assert ours(press(user={"id": "U9", "team_id": FOREIGN})) == Ignored("other-workspace")


def test_a_redelivered_press_is_the_same_event_and_a_second_press_another() -> None:
    first, again = ours(press()), ours(json.loads(json.dumps(press())))
    second = ours(press(trigger_id="1.3.def"))
    without = [ours(press(trigger_id=None)), ours(press(trigger_id=None, user={"id": "U8", "team_id": TEAM}))]
    events = [event for event in (first, again, second, *without) if isinstance(event, Pressed)]
    assert len(events) == 5
    assert events[0].id == events[1].id
    assert len({event.id for event in events}) == 4


def test_a_form_carries_its_record_and_values() -> None:
    submitted = ours(sent_in())
    assert isinstance(submitted, Submitted)
    assert (submitted.form, submitted.record, submitted.opener) == ("check_form", "K7QF-2M", "view:V1")
    assert submitted.values == {"account": "solveig", "checks": "face,photo-id"}


def test_a_form_sent_in_again_after_an_update_is_a_new_event() -> None:
    first, again, corrected = ours(sent_in()), ours(sent_in()), ours(sent_in(hash="2.b"))
    assert isinstance(first, Submitted)
    assert isinstance(corrected, Submitted)
    assert first == again
    assert first.id != corrected.id


def test_an_empty_field_and_a_choice_have_values_too() -> None:
    state = {
        "values": {
            "a": {"empty": {"type": "plain_text_input", "value": None}},
            "b": {"none": {"type": "checkboxes", "selected_options": []}},
            "c": {"one": {"type": "static_select", "selected_option": {"value": "x"}}},
        }
    }
    submitted = ours(sent_in(state=state))
    assert isinstance(submitted, Submitted)
    assert submitted.values == {"empty": "", "none": "", "one": "x"}


def test_a_frozen_form_shows_what_was_sent_and_takes_nothing_more() -> None:
    frozen = forms.frozen(sent_in()["view"])
    assert "submit" not in frozen
    assert frozen["callback_id"] == "check_form"
    assert frozen["blocks"] == [
        {"type": "section", "block_id": "s", "text": {"type": "plain_text", "text": "Solveig"}},
        {"type": "section", "text": {"type": "plain_text", "text": "Account\nsolveig"}},
        {"type": "section", "text": {"type": "plain_text", "text": "Checks\nPhoto ID\nFace"}},
    ]


def test_only_the_end_of_our_own_installation_is_the_end() -> None:
    gone = Gone("slack:event:Ev1", "slack", TEAM)
    envelope: Json = {"type": "event_callback", "team_id": TEAM, "event_id": "Ev1"}
    assert ours(envelope | {"event": {"type": "app_uninstalled"}}) == gone
    assert ours(envelope | {"event": {"type": "tokens_revoked", "tokens": {"bot": ["U1"]}}}) == gone
    users = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
    assert ours(envelope | {"event": users}) == Ignored("kind")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("  hei  ", "hei"),
        ("<@U0TOFAKTOR> hjelp", "hjelp"),
        ("spør <@U0BERIT|berit>!", "spør  !"),
        ("se <https://a.example/x|siden>", "se siden"),
        ("se <https://a.example/x>", "se https://a.example/x"),
        ("<mailto:a@b.example>", "a@b.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("i <#C1|support> og <#C2>", "i #support og #C2"),
        ("<!here> <!subteam^S1|@drift>", "@here @drift"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_markup_becomes_what_was_meant(written: str, meant: str) -> None:
    assert plain(written) == meant


@given(st.text(alphabet=st.sampled_from("<>|&;@#!a lt")))
def test_any_text_becomes_short_text_without_mentions(written: str) -> None:
    assert len(plain(written * 50)) <= LONGEST_TEXT
    assert "<@" not in plain(written) or "&" in written or "<@" in re.sub(r"<[^<>]*>", " ", written)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn) -> object:
    """A good payload with something in it replaced by anything, or taken out."""
    payload: Json = draw(st.sampled_from([message(), in_channel(type="app_mention"), press(), sent_in()]))
    payload = json.loads(json.dumps(payload))
    node: Any = payload
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = draw(st.sampled_from(keys))
        if isinstance(node[key], dict | list) and node[key] and draw(st.booleans()):
            node = node[key]
            continue
        node[key] = draw(values)
        return payload


@given(damaged())
def test_nothing_that_is_shaped_otherwise_makes_it_stumble(payload: Json) -> None:
    event = read(payload, (TEAM, FOREIGN))
    assert isinstance(event, Asked | Pressed | Submitted | Opened | Gone | Ignored)
    assert isinstance(
        read(payload, (TEAM, FOREIGN), LISTENING), Asked | Pressed | Submitted | Opened | Gone | Ignored
    )
    assert forms.frozen(payload.get("view"))["type"] == "modal"


async def test_everything_the_emulated_client_sends_is_understood() -> None:
    """The emulator builds its payloads by itself, so this is a second opinion on their shapes."""
    emulator = SlackEmulator([ANNA, BERIT], FixedClock(), team_id=TEAM)
    await emulator.start()
    try:
        said = await emulator.say(ANNA.id, "hei & <hallo>")
        named = await emulator.say(ANNA.id, "<@U0TOFAKTOR> ny telefon", channel=emulator.general)
        command = await emulator.slash(BERIT.id, "/2fa", "mista mobilen")
        gone = await emulator.uninstall()
    finally:
        await emulator.stop()
    asked = [ours(each.payload) for each in (*said.deliveries, *named.deliveries, command)]
    heard = [each for each in asked if isinstance(each, Asked)]
    assert [each.text for each in heard] == ["hei & <hallo>", "ny telefon", "mista mobilen"]
    assert [each.place.private for each in heard] == [True, False, True]
    assert all(isinstance(ours(each.payload), Gone) for each in gone)
