"""What Teams sends, as events: for whom, from where, and what is none of our business."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.teams.activities import Ignored, Looked, locale_of, place_of, read, zone_of
from bot.teams.remembering import reference_of
from handlers.events import Asked, Installed, Person, Place, Pressed, Removed, Submitted

TENANT = "7b1c1e0a-7d4f-5a52-9a07-3f1f7a9f0001"
OTHER = "7b1c1e0a-7d4f-5a52-9a07-3f1f7a9f0002"
ANNA = "1f0c1e0a-7d4f-5a52-9a07-3f1f7a9f00aa"
CHANNEL = "19:abcdefgh@thread.tacv2"
BOT = "28:bot"

Json = dict[str, Any]


def activity(**told: Any) -> Json:
    """A message of Anna's in her private chat, with some of it told otherwise."""
    return {
        "type": "message",
        "id": "1700000000001",
        "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "locale": "nn-NO",
        "text": "Korleis set eg opp?",
        "from": {"id": "29:anna", "name": "Anna", "aadObjectId": ANNA},
        "recipient": {"id": BOT, "name": "tofaktor"},
        "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        "entities": [{"type": "clientInfo", "locale": "nn-NO", "timezone": "Europe/Oslo"}],
    } | told


def in_channel(text: str, *, named: str = BOT, root: str = "100", **told: Any) -> Json:
    """The same in a thread of a channel, with a mention in it."""
    conversation = {"id": f"{CHANNEL};messageid={root}", "conversationType": "channel", "tenantId": TENANT}
    mention = {"type": "mention", "text": "<at>tofaktor</at>", "mentioned": {"id": named, "name": "tofaktor"}}
    return activity(text=text, conversation=conversation, entities=[mention], **told)


def action(trigger: str = "manual", record: str = "ABC", **told: Any) -> Json:
    """A press of a button with ``Action.Execute``."""
    data = {"tofaktor": {"action": "approvals.approve", "record": record}}
    value = {
        "action": {"type": "Action.Execute", "verb": "approvals.approve", "data": data},
        "trigger": trigger,
    }
    return activity(type="invoke", name="adaptiveCard/action", value=value, replyToId="55", text=None, **told)


def events(found: object) -> Any:
    assert not isinstance(found, Ignored), found
    return found


def test_a_message_in_private_is_a_question() -> None:
    asked = events(read(activity(), [TENANT]))
    assert asked == Asked(
        asked.id, Person("teams", TENANT, ANNA), Place("teams", "a:1", private=True), "Korleis set eg opp?"
    )
    assert asked.id.startswith("teams:message:")


def test_a_message_delivered_twice_has_one_id_and_the_next_another() -> None:
    first, again = (events(read(activity(), [TENANT])).id for _ in range(2))
    assert first == again != events(read(activity(id="2"), [TENANT])).id


def test_in_a_channel_a_mention_is_a_question_and_its_mark_is_no_part_of_it() -> None:
    asked = events(read(in_channel("<at>tofaktor</at>&nbsp;hva er <b>2FA</b> &amp; hvorfor?"), [TENANT]))
    assert asked.text == "hva er  2FA  & hvorfor?"
    assert asked.place == Place("teams", CHANNEL, "100")
    assert asked.addressed


def test_ids_are_read_in_small_letters_wherever_they_are_kept() -> None:
    shouted = activity(
        channelData={"tenant": {"id": TENANT.upper()}},
        conversation={"id": "a:1", "conversationType": "personal", "tenantId": TENANT.upper()},
    )
    shouted["from"] = {"id": "29:anna", "aadObjectId": ANNA.upper()}
    assert events(read(shouted, [TENANT])).person == Person("teams", TENANT, ANNA)
    kept = reference_of(shouted, datetime(2027, 1, 4, tzinfo=UTC))
    assert (kept.tenant, kept.user) == (TENANT, ANNA)


def test_only_the_entity_tells_who_is_named() -> None:
    typed = in_channel("<at>tofaktor</at> hei", named="29:somebody")
    assert read(typed, [TENANT]) == Ignored("not-to-us")


def test_locale_and_time_zone_come_from_the_client() -> None:
    assert (locale_of(activity()), zone_of(activity())) == ("nn-NO", "Europe/Oslo")
    assert locale_of(activity(locale=None)) == "nn-NO"
    assert (locale_of(activity(locale=None, entities=[])), zone_of(activity(entities=[]))) == ("", "")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"channelData": {"tenant": {"id": OTHER}}}, "other-tenant"),
        ({"conversation": {"id": "a:1", "conversationType": "personal", "tenantId": OTHER}}, "other-tenant"),
        ({"from": {"id": "29:x", "aadObjectId": ANNA, "tenantId": OTHER}}, "other-tenant"),
        (
            {"channelData": {}, "conversation": {"id": "a:1", "conversationType": "personal"}},
            "other-tenant",
        ),
        ({"from": {"id": "29:x"}}, "nobody"),
        ({"from": {"id": "29:x", "aadObjectId": "anna"}}, "nobody"),
        ({"conversation": {"id": "19:g", "conversationType": "groupChat", "tenantId": TENANT}}, "group-chat"),
        ({"conversation": {"id": "a:1", "tenantId": TENANT}}, "group-chat"),
        ({"from": {"id": "28:x", "aadObjectId": ANNA, "role": "bot"}}, "bot"),
        ({"id": ""}, "no-id"),
        ({"type": "messageUpdate"}, "kind"),
        ({"type": "messageReaction"}, "kind"),
        ({"type": "invoke", "name": "composeExtension/query"}, "invoke"),
        ({"type": "invoke", "name": "task/fetch", "value": {"data": {"action": "approve"}}}, "not-a-button"),
        ({"type": "invoke", "name": "task/submit", "value": {"data": "x"}}, "not-a-form"),
    ],
)
def test_the_rest_is_none_of_our_business(told: Json, reason: str) -> None:
    assert read(activity(**told), [TENANT]) == Ignored(reason)


def test_a_press_names_an_action_and_a_record() -> None:
    pressed = events(read(action(), [TENANT]))
    assert pressed == Pressed(
        pressed.id,
        Person("teams", TENANT, ANNA),
        Place("teams", "a:1", private=True),
        "approvals.approve",
        "ABC",
        None,
        "55",
    )


def test_what_a_client_asks_by_itself_is_no_press() -> None:
    for trigger in ("automatic", "", "Manual"):
        found = read(action(trigger), [TENANT])
        assert isinstance(found, Looked)


def test_a_press_on_the_first_message_of_a_thread_stands_in_the_channel_itself() -> None:
    conversation = {"id": f"{CHANNEL};messageid=55", "conversationType": "channel", "tenantId": TENANT}
    assert events(read(action(conversation=conversation), [TENANT])).place == Place("teams", CHANNEL)
    conversation["id"] = f"{CHANNEL};messageid=12"
    assert events(read(action(conversation=conversation), [TENANT])).place == Place("teams", CHANNEL, "12")


def test_a_press_on_a_client_without_execute_comes_as_a_message() -> None:
    value = {"tofaktor": {"action": "cases.stop", "record": "ABC"}}
    pressed = events(read(activity(text="", value=value, replyToId="55"), [TENANT]))
    assert isinstance(pressed, Pressed)
    assert (pressed.action, pressed.record, pressed.message) == ("cases.stop", "ABC", "55")


def test_a_press_that_opens_a_form_can_be_answered_with_one() -> None:
    value = {"data": {"msteams": {"type": "task/fetch"}, "tofaktor": {"action": "a.b", "record": "r"}}}
    pressed = events(read(activity(type="invoke", name="task/fetch", value=value), [TENANT]))
    assert pressed.opener == f"invoke:{pressed.id}"


def test_a_form_brings_its_inputs_and_nothing_of_the_platform_s() -> None:
    data = {"tofaktor": {"form": "deny_form", "record": "ABC"}, "msteams": {}, "reason": "other", "x": "a,b"}
    sent = events(read(activity(type="invoke", name="task/submit", value={"data": data}), [TENANT]))
    assert sent == Submitted(
        sent.id,
        Person("teams", TENANT, ANNA),
        "deny_form",
        "ABC",
        f"invoke:{sent.id}",
        {"reason": "other", "x": "a,b"},
    )


def test_a_button_in_a_dialog_comes_as_a_form_and_is_a_press_all_the_same() -> None:
    value = {"data": {"tofaktor": {"action": "colleague.open", "record": ""}}}
    pressed = events(read(activity(type="invoke", name="task/submit", value=value), [TENANT]))
    assert isinstance(pressed, Pressed)
    assert (pressed.action, pressed.opener) == ("colleague.open", f"invoke:{pressed.id}")


def test_the_app_comes_and_goes() -> None:
    anna, private = Person("teams", TENANT, ANNA), Place("teams", "a:1", private=True)
    channel = {"id": CHANNEL, "conversationType": "channel", "tenantId": TENANT}
    came = events(read(activity(type="installationUpdate", action="add"), [TENANT]))
    assert came == Installed(came.id, anna, private)
    went = events(read(activity(type="installationUpdate", action="remove"), [TENANT]))
    assert went == Removed(went.id, anna)
    joined = activity(type="conversationUpdate", membersAdded=[{"id": BOT}], conversation=channel)
    assert events(read(joined, [TENANT])).place == Place("teams", CHANNEL)


@pytest.mark.parametrize(
    "told",
    [
        {"type": "installationUpdate", "action": "add-upgrade"},
        {"type": "installationUpdate", "action": "remove-upgrade"},
        {"type": "conversationUpdate", "membersAdded": [{"id": "29:somebody"}]},
        {"type": "conversationUpdate"},
    ],
)
def test_an_upgrade_and_other_people_s_coming_are_nothing(told: Json) -> None:
    assert read(activity(**told), [TENANT]) == Ignored("kind")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


def _paths(value: object, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if above:
        yield above
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from _paths(each, (*above, key))


@given(
    given_activity=st.sampled_from([activity(), in_channel("<at>tofaktor</at> hei"), action()]),
    where=st.integers(0, 200),
    strange=_JSON,
)
def test_whatever_stands_in_it_reading_never_fails(given_activity: Json, where: int, strange: object) -> None:
    changed = copy.deepcopy(given_activity)
    paths = list(_paths(changed))
    *above, last = paths[where % len(paths)]
    holder: Any = changed
    for key in above:
        holder = holder[key]
    holder[last] = strange
    found = read(changed, [TENANT])
    if not isinstance(found, Ignored | Looked):
        assert found.person.tenant == TENANT  # type: ignore[union-attr]
    place_of(changed)
