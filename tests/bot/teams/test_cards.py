"""Every message, in every language, is a card that Teams takes; whatever is in it, only our own links are links."""

import dataclasses
import re
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.render.message import Button, Fact, Input, Line, Message, Option, Paragraph, Points, Span
from bot.render.words import Words
from bot.teams import cards
from handlers.messages import Answer, Data, FieldKind, Language, Look, RolloutPeople, all_messages, name_of
from tests.bot.hostile import EXAMPLES, MOST, hostile, messages, texts, with_hostile_text
from tests.bot.teams import reading

FORMS = [
    it
    for it in EXAMPLES
    if it.fields and not type(it).__name__.endswith("Page") and not isinstance(it, RolloutPeople)
]
"""What is filled in in chat; the others are pages."""


def content(dialog: Any) -> Any:
    return dialog["card"]["content"]


def spans(message: Message) -> list[Span]:
    lines: list[Line] = []
    for block in message.body:
        lines += [block.line] if isinstance(block, Paragraph) else block.items
    return [span for line in lines for span in line]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("message", tuple(all_messages()), ids=name_of)
def test_every_example_is_a_card_that_teams_takes_and_says_it_all(
    full_words: Words, message: type[Data], language: Language
) -> None:
    for example in message.examples():
        neutral = full_words.message(example, language)
        rendered = cards.message(neutral)
        assert not reading.refusals(rendered.card), example
        assert rendered.summary
        said = reading.says(rendered.card)
        pieces = [neutral.title, *(span.text for span in spans(neutral))]
        pieces += [piece for fact in neutral.facts if fact.value for piece in (fact.label, fact.value)]
        for piece in pieces:
            assert " ".join(piece.split()) in said, example
        labels = [action["title"] for action in reading.actions(rendered.card)]
        assert {button.label for button in neutral.actions} <= set(labels), example
        assert reading.links(rendered.card) == [span.url for span in spans(neutral) if span.url]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("example", FORMS, ids=repr)
def test_every_form_is_a_dialog_that_teams_takes(words: Words, example: Data, language: Language) -> None:
    neutral = words.message(example, language)
    dialog = cards.dialog(neutral, "cases.more", "K7QF-2M")
    card = content(dialog)
    assert not reading.refusals(card)
    said = reading.says(card)
    for field in neutral.fields:
        for piece in (field.label, field.hint, field.problem, *(option.label for option in field.options)):
            assert " ".join(piece.split()) in said
    (sending,) = card["actions"]
    assert sending["title"] == neutral.submit
    assert sending["data"] == {"tofaktor": {"form": "cases.more", "record": "K7QF-2M"}}
    ids = [part["id"] for part in reading.parts(card) if str(part.get("type", "")).startswith("Input.")]
    assert ids == [field.name for field in neutral.fields]


@pytest.mark.parametrize("language", Language)
def test_every_answer_fits_uncut_with_its_details(full_words: Words, language: Language) -> None:
    for topic in full_words.topics():
        rendered = cards.message(full_words.message(Answer(topic), language), details=True)
        assert not reading.refusals(rendered.card), topic
        assert "…" not in reading.says(rendered.card), topic


def harmless(card: dict[str, Any], ours: set[str]) -> None:
    """Nothing in the card is Markdown, a link, a mention, a macro, or data that are not ours."""
    for text in reading.marked(card):
        assert not re.search(r"\{\{|\$\{|<|://", re.sub(r"\]\([^)]*\)", "", text)), text
        _, found, kinds = reading.read(text)
        assert set(found) <= ours
        if not found:
            assert not kinds, text
            assert not re.search(r"[\[\]*`~]", text), text
    for action in reading.actions(card):
        match action["type"]:
            case "Action.OpenUrl":
                assert action["url"].startswith("https://")
            case "Action.Execute":
                assert set(action["data"]) == {"tofaktor"}
                assert action["data"] == action["fallback"]["data"]
                assert action["verb"] == action["data"]["tofaktor"]["action"]
            case "Action.Submit":
                assert set(action["data"]) <= {"tofaktor", "msteams"}
                assert action["data"].get("msteams", {"type": "task/fetch"}) == {"type": "task/fetch"}
            case other:
                pytest.fail(other)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    example=st.sampled_from([it for it in EXAMPLES if with_hostile_text(it, "?") != it]),
    text=hostile,
    language=st.sampled_from(Language),
)
def test_no_value_gets_past_a_limit_or_becomes_more_than_text(
    full_words: Words, example: Data, text: str, language: Language
) -> None:
    neutral = full_words.message(with_hostile_text(example, text), language)
    card = cards.message(neutral).card
    assert not reading.refusals(card)
    harmless(card, {str(span.url) for span in spans(neutral)})
    if neutral.submit:
        card = content(cards.dialog(neutral, "form", "record"))
        assert not reading.refusals(card)
        harmless(card, {str(span.url) for span in spans(neutral)})
    assert len(cards.toast(neutral)) <= cards.TOAST


@settings(max_examples=60, deadline=None)
@hypothesis.example(message=MOST)
@given(message=messages)
def test_no_message_at_all_gets_past_a_limit(message: Message) -> None:
    rendered = cards.message(message)
    assert not reading.refusals(rendered.card)
    assert 0 < len(rendered.summary) <= cards.SUMMARY
    assert cards.toast(message)
    harmless(rendered.card, set())


@settings(max_examples=40, deadline=None)
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
            required=st.booleans(),
            value=texts,
            problem=texts,
        ),
        max_size=3,
        unique_by=lambda field: field.name,
    ).map(tuple),
)
def test_no_form_at_all_gets_past_a_limit(message: Message, fields: tuple[Input, ...]) -> None:
    card = content(cards.dialog(dataclasses.replace(message, fields=fields), "form", "record"))
    assert not reading.refusals(card)
    harmless(card, set())


def test_ids_that_do_not_fit_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="too long"):
        cards.dialog(Message(title="Form"), "form", "x" * 256)


def test_a_button_carries_its_action_and_record_and_says_before_the_press_that_it_opens_a_form() -> None:
    approve = Button("cases.approve", "K7QF-2M", "Approve", Look.PRIMARY)
    deny = Button("cases.deny", "K7QF-2M", "Turn down", Look.DANGER, opens_form=True)
    page = Button("cases.open", "K7QF-2M", "Open", url="https://tofaktor.example/case")
    others = (
        Button("cases.open", "x", "Elsewhere", url="http://tofaktor.example/case"),
        Button("cases.open", "x", "Script", url="javascript:alert(1)"),
        Button("cases.open", "x" * 256, "Nobody's"),
    )
    card = cards.message(Message(title="Case", actions=(approve, deny, page, *others))).card
    data = {"tofaktor": {"action": "cases.approve", "record": "K7QF-2M"}}
    submit = {"type": "Action.Submit", "title": "Approve", "style": "positive", "data": data}
    sets = [part for part in reading.parts(card) if part.get("type") == "ActionSet"]
    assert [action for each in sets for action in each["actions"]] == [
        {**submit, "type": "Action.Execute", "verb": "cases.approve", "fallback": submit},
        {
            "type": "Action.Submit",
            "title": "Turn down",
            "style": "destructive",
            "data": {
                "msteams": {"type": "task/fetch"},
                "tofaktor": {"action": "cases.deny", "record": "K7QF-2M"},
            },
        },
        {"type": "Action.OpenUrl", "title": "Open", "url": "https://tofaktor.example/case"},
    ]


def test_on_the_own_machine_a_button_may_open_a_page_without_tls() -> None:
    page = Button("cases.open", "K7QF-2M", "Open", url="http://127.0.0.1:8080/case")
    (action,) = reading.actions(cards.message(Message(title="Case", actions=(page,))).card)
    assert action["url"] == page.url


def test_long_buttons_have_rows_to_themselves_and_short_ones_share() -> None:
    labels = ("Yes", "No", "Stop", "I no longer have the phone I used before", "Back")
    buttons = tuple(Button("setup.step", label, label) for label in labels)
    card = cards.message(Message(title="Step", actions=buttons)).card
    sets = [part["actions"] for part in reading.parts(card) if part.get("type") == "ActionSet"]
    assert [[action["title"] for action in row] for row in sets] == [
        list(labels[:3]),
        [labels[3]],
        [labels[4]],
    ]


def field(kind: FieldKind, **others: Any) -> tuple[dict[str, Any], ...]:
    given = Input("name", kind, "Label", **others)
    return tuple(content(cards.dialog(Message(title="T", fields=(given,), submit="Send"), "f", "r"))["body"])


def test_each_kind_of_field_is_an_input_of_its_own() -> None:
    options = (Option("a", "First"), Option("b", "Second"))
    (text,) = field(FieldKind.TEXT, value="*as* it was")
    assert text == {
        "type": "Input.Text",
        "id": "name",
        "label": "Label",
        "value": "*as* it was",
        "isRequired": True,
        "errorMessage": "Label",
    }
    (paragraph,) = field(FieldKind.PARAGRAPH, required=False)
    assert paragraph["isMultiline"]
    assert "isRequired" not in paragraph
    assert field(FieldKind.EMAIL)[0]["style"] == "email"
    (ticks,) = field(FieldKind.CHECKS, options=options, value="a,b")
    assert (ticks["isMultiSelect"], ticks["style"], ticks["value"]) == (True, "expanded", "a,b")
    (choice,) = field(FieldKind.CHOICE, options=options)
    assert choice["choices"] == [{"title": "First", "value": "a"}, {"title": "Second", "value": "b"}]
    assert choice["style"] == "expanded"
    assert field(FieldKind.CHOICE, options=options * 5)[0]["style"] == "compact"
    (person,) = field(FieldKind.PERSON)
    assert person["choices.data"] == {"type": "Data.Query", "dataset": "graph.microsoft.com/users"}


def test_what_is_wrong_stands_before_a_field_and_its_hint_after_it() -> None:
    problem, given, hint = field(FieldKind.TEXT, problem="Too short", hint="At least 3")
    assert problem["inlines"][0]["text"] == "Too short"
    assert given["type"] == "Input.Text"
    assert hint["inlines"][0]["text"] == "At least 3"


def test_an_outcome_is_a_dialog_without_anything_to_send() -> None:
    body = (Paragraph((Span("Saved."),)),)
    dialog: dict[str, Any] = cards.dialog(Message(title="Done", body=body), "f", "r")
    assert dialog["title"] == "Done"
    assert "actions" not in content(dialog)
    assert reading.says(content(dialog)) == "Saved."
    assert not reading.refusals(content(cards.dialog(Message(title="Done"), "f", "r")))


def test_what_is_too_long_keeps_its_beginning_and_says_that_it_goes_on() -> None:
    long = Paragraph((Span("word " * 4000), Span("end")))
    button = Button("cases.stop", "K7QF-2M", "Stop")
    card = cards.message(Message(body=(Paragraph((Span("first"),)), long), actions=(button,))).card
    said = reading.says(card)
    assert said.startswith("first word word")
    assert said.endswith("word…")
    assert len(said) > 10_000
    assert [action["title"] for action in reading.actions(card)] == ["Stop", "Stop"]


def test_details_are_left_out_until_they_are_asked_for() -> None:
    message = Message(title="T", body=(Paragraph((Span("short"),)),), details=(Paragraph((Span("long"),)),))
    assert reading.says(cards.message(message).card) == "T short"
    assert reading.says(cards.message(message, details=True).card) == "T short long"


def test_a_toast_is_the_title_and_the_text_in_one_line() -> None:
    body = (Paragraph((Span("Somebody else "), Span("was first", bold=True))), Points(((Span("a"),),)))
    assert cards.toast(Message(title="Too late", body=body)) == "Too late: Somebody else was first • a"
    assert cards.toast(Message(title="Too late!", body=body[:1])) == "Too late! Somebody else was first"
    assert cards.toast(Message(title="Done")) == "Done"
    assert cards.toast(Message(facts=(Fact("Case", "K7QF-2M"),))) == "Case: K7QF-2M"


def test_only_a_table_of_many_facts_takes_the_whole_width() -> None:
    facts = tuple(Fact(label, label) for label in "abcd")
    assert cards.message(Message(facts=facts)).card["msteams"] == {"width": "full"}
    assert "msteams" not in cards.message(Message(facts=(*facts[:3], Fact("d", "")))).card
