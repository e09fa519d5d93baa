"""Every message, in every language, is Block Kit that Slack takes; whatever is in it, only our own links are links."""

import dataclasses
import json
import re
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.render.message import Button, Input, Message, Option, Paragraph, Points, Span
from bot.render.words import Words
from bot.sandbox.slack import blocks as slack
from bot.sandbox.slack.records import markup, notified
from bot.slack import blocks
from handlers.messages import (
    Answer,
    Data,
    FieldKind,
    Home,
    Language,
    Languages,
    Look,
    NotServed,
    RelayTopicForm,
    RelayTopicSet,
    Welcome,
    all_messages,
    name_of,
)
from tests.bot.hostile import EXAMPLES, MOST, hostile, messages, texts, with_hostile_text

FORMS = [it for it in EXAMPLES if isinstance(it, RelayTopicForm | RelayTopicSet)]


def refusals(rendered: blocks.SlackMessage) -> list[str]:
    found = list(rendered.blocks)
    problems = [str(problem) for problem in slack.check_message(found)]
    if len(rendered.text) > 4000 or not rendered.text:
        problems.append("the fallback text is too long, or empty")
    return [*problems, "too long in all"] if slack.too_long(found) else problems


def links(rendered: blocks.SlackMessage) -> list[str]:
    """Everything that Slack would read as a link or mention."""
    texts = [rendered.text, *markup(list(rendered.blocks))]
    return [found for text in texts for found in re.findall(r"<([^>]*)>", text)]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("message", tuple(all_messages()), ids=name_of)
def test_every_example_is_a_message_that_slack_takes(
    words: Words, message: type[Data], language: Language
) -> None:
    for example in message.examples():
        rendered = blocks.message(words.message(example, language))
        assert not refusals(rendered), example
        assert "…" not in json.dumps(rendered.blocks, ensure_ascii=False) or "…" in repr(example), example


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("example", FORMS, ids=repr)
def test_every_form_is_a_view_that_slack_takes(words: Words, example: Data, language: Language) -> None:
    view = blocks.modal(words.message(example, language), "form", "K7QF-2M")
    assert not slack.check_view(view)
    assert "…" not in json.dumps(view, ensure_ascii=False)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("example", [*Home.examples(), *NotServed.examples()], ids=repr)
def test_every_page_is_a_home_tab_that_slack_takes(
    full_words: Words, example: Data, language: Language
) -> None:
    view = blocks.home(full_words.message(example, language))
    assert not slack.check_view(view)
    assert "…" not in json.dumps(view, ensure_ascii=False)


def test_on_a_page_choices_of_one_kind_have_a_row_to_themselves(full_words: Words) -> None:
    view: dict[str, Any] = blocks.home(full_words.message(Home(Language.NN, "everything"), Language.NN))
    rows = [
        [blocks.action_name(element["action_id"]) for element in block["elements"]]
        for block in view["blocks"]
        if block["type"] == "actions"
    ]
    helps = ["setup.start", "questions.person", "questions.topic", "colleague.open"]
    assert rows == [helps, ["language.choose"] * 3]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("data", [Home, Welcome, Languages])
def test_the_language_it_is_in_is_marked_by_more_than_its_colour(
    words: Words, data: type[Home | Welcome | Languages], language: Language
) -> None:
    example = next(each for each in data.examples() if each.language is language)
    labels = {
        button.record: button.label
        for button in words.message(example, language).actions
        if button.name == "language.choose"
    }
    assert {record for record, label in labels.items() if label.startswith("✓ ")} == {language}
    assert {label.removeprefix("✓ ") for label in labels.values()} == {"English", "Bokmål", "Nynorsk"}


@pytest.mark.parametrize("language", Language)
def test_every_answer_fits_uncut_with_its_details(full_words: Words, language: Language) -> None:
    for topic in full_words.topics():
        rendered = blocks.message(full_words.message(Answer(topic), language), details=True)
        assert not refusals(rendered), topic
        assert "…" not in json.dumps(rendered.blocks, ensure_ascii=False), topic


@pytest.mark.parametrize("language", Language)
def test_chat_messages_about_cases_link_nowhere(full_words: Words, language: Language) -> None:
    names = {"ApprovalCard", "CaseNews", "CaseOpened", "NotAllowed", "Reminder", "Progress", "VouchAsked"}
    for example in EXAMPLES:
        if type(example).__name__ in names:
            assert not links(blocks.message(full_words.message(example, language))), example


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    example=st.sampled_from([it for it in EXAMPLES if with_hostile_text(it, "?") != it]),
    text=hostile,
    language=st.sampled_from(Language),
)
def test_no_value_gets_past_a_limit_or_becomes_a_link(
    words: Words, example: Data, text: str, language: Language
) -> None:
    message = words.message(with_hostile_text(example, text), language)
    rendered = blocks.message(message)
    assert not refusals(rendered)
    assert set(links(rendered)) <= set(links(blocks.message(words.message(example, language))))
    assert not notified(rendered.text, list(rendered.blocks))
    if message.submit:
        assert not slack.check_view(blocks.modal(message, "form", "record"))


@settings(max_examples=40, deadline=None)
@hypothesis.example(message=MOST)
@given(message=messages)
def test_no_message_at_all_gets_past_a_limit(message: Message) -> None:
    rendered = blocks.message(message)
    assert not refusals(rendered)
    assert not links(rendered)


@settings(max_examples=30, deadline=None)
@given(
    message=messages,
    fields=st.lists(
        st.builds(
            Input,
            name=st.sampled_from(["account", "checks", "choice"]),
            kind=st.sampled_from(FieldKind),
            label=hostile.filter(str.strip),
            hint=texts,
            options=st.just(tuple(Option(str(number), "o" * 200) for number in range(120))),
            value=texts,
            problem=texts,
        ),
        max_size=3,
        unique_by=lambda field: field.name,
    ).map(tuple),
)
def test_no_form_at_all_gets_past_a_limit(message: Message, fields: tuple[Input, ...]) -> None:
    view = blocks.modal(dataclasses.replace(message, fields=fields), "form", "record")
    assert not slack.check_view(view)
    assert not slack.check_view(blocks.home(message))


def test_ids_that_do_not_fit_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="too long"):
        blocks.modal(Message(title="Form"), "form", "x" * 3001)


def test_what_is_too_long_keeps_its_beginning_and_says_that_it_goes_on() -> None:
    long = Paragraph((Span("word " * 4000), Span("end")))
    rendered = blocks.message(Message(body=(Paragraph((Span("first"),)), long)))
    texts = list(markup(list(rendered.blocks)))
    assert texts[0] == "first"
    assert texts[1].startswith("word word")
    assert texts[-1].endswith("…")
    assert sum(map(len, texts)) > 9_000


def test_links_of_templates_are_links_and_keep_their_words() -> None:
    line = (Span("See "), Span("set | up", bold=True, url="https://fjordheim.example/?a=1&b=2"), Span("."))
    rendered = blocks.message(Message(body=(Paragraph(line),)))
    assert list(markup(list(rendered.blocks))) == ["See *<https://fjordheim.example/?a=1&amp;b=2|set ¦ up>*."]


def test_marks_of_mrkdwn_show_as_they_stand() -> None:
    rendered = blocks.message(Message(body=(Paragraph((Span("*a* _b_ ~c~ `d` a_b :tada: 10:15"),)),)))
    assert list(markup(list(rendered.blocks))) == ["∗a∗ ＿b＿ ∼c∼ ˋdˋ a_b ∶tada: 10:15"]


def test_bold_text_has_its_marks_at_its_edges_on_every_line() -> None:
    rendered = blocks.message(Message(body=(Paragraph((Span("one\ntwo ", bold=True), Span("three"))),)))
    assert list(markup(list(rendered.blocks))) == ["*one*\n*two* three"]


def test_lists_have_bullets_and_numbers() -> None:
    body = (
        Paragraph((Span("Do this"),)),
        Points(((Span("a"),), (Span("b"),)), ordered=True, start=3),
        Points(((Span("c"),),)),
    )
    assert list(markup(list(blocks.message(Message(body=body)).blocks))) == ["Do this\n3. a\n4. b\n• c"]


def test_two_buttons_of_one_action_can_be_told_apart_and_read_back() -> None:
    buttons = (
        Button("questions.topic", "setup", "A"),
        Button("questions.topic", "lost-phone", "B", Look.PRIMARY),
    )
    rendered = blocks.message(Message(title="Choose", actions=buttons))
    elements = rendered.blocks[-1]["elements"]
    assert isinstance(elements, list)
    ids = [element["action_id"] for element in elements]
    assert len(set(ids)) == 2
    assert [blocks.action_name(each) for each in ids] == ["questions.topic"] * 2
    assert [element["value"] for element in elements] == ["setup", "lost-phone"]
    assert [element.get("style") for element in elements] == [None, "primary"]


def test_details_are_left_out_until_they_are_asked_for() -> None:
    message = Message(title="T", body=(Paragraph((Span("short"),)),), details=(Paragraph((Span("long"),)),))
    assert "long" not in json.dumps(blocks.message(message).blocks)
    assert "long" in json.dumps(blocks.message(message, details=True).blocks)
