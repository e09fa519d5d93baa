"""The words are complete, and a template that is broken stops the start with one sentence."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.render.front import BrokenTemplate
from bot.render.text import plain
from bot.render.words import Words
from bot.settings.sections import Links, Organisation
from handlers.messages import (
    Answer,
    ApprovalCard,
    CaseNews,
    CasePage,
    Choice,
    Data,
    Language,
    PassPage,
    Reminder,
    all_messages,
    name_of,
)
from handlers.messages.pages import REFUSALS
from handlers.states import CaseState

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
EXAMPLES = [example for message in all_messages() for example in message.examples()]
Break = Callable[[str, str], BrokenTemplate]


def words_from(folder: Path) -> Words:
    said = {language: Organisation().said_in(language) for language in Language}
    return Words(folder, said, dict(Links()), False, ZoneInfo("Europe/Oslo"))


@pytest.fixture
def broken(tmp_path: Path) -> Break:
    """Put a text in the place of a template of a copy, and load it."""
    folder = tmp_path / "templates"
    shutil.copytree(TEMPLATES, folder, ignore=shutil.ignore_patterns("*.model", "*.txt"))

    def break_(file: str, text: str) -> BrokenTemplate:
        (folder / file).write_text(text, encoding="utf-8")
        with pytest.raises(BrokenTemplate) as error:
            words_from(folder)
        return error.value

    return break_


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("message", tuple(all_messages()), ids=name_of)
def test_every_example_has_words_with_and_without_settings(
    words: Words, full_words: Words, message: type[Data], language: Language
) -> None:
    for example in message.examples():
        for each in (words, full_words):
            said = each.message(example, language)
            text = plain(said)
            assert text, example
            assert "None" not in text, example
            assert "{" not in text, example
            assert all(button.label for button in said.actions), example
            assert all(len(button.label) <= 75 for button in said.actions), example
            assert all(field.label for field in said.fields), example


def test_no_language_was_forgotten(words: Words) -> None:
    """No two languages say the same; numbers, names and codes aside, words differ."""
    for example in EXAMPLES:
        said = {plain(words.message(example, language)) for language in Language}
        assert len(said) == len(Language), example


def test_every_topic_has_a_title_in_every_language(words: Words) -> None:
    assert "setup" in words.topics()
    for topic in words.topics():
        for language in Language:
            assert words.topic_title(topic, language)
            assert len(words.topic_title(topic, language)) <= 75


def test_choices_carry_the_titles_of_their_answers(words: Words) -> None:
    message = words.message(Choice(("setup", "lost-phone")), Language.NN)
    assert [button.label for button in message.actions[:2]] == [
        words.topic_title("setup", Language.NN),
        words.topic_title("lost-phone", Language.NN),
    ]


def test_the_verdict_is_the_first_line_of_the_card(words: Words) -> None:
    card = next(example for example in ApprovalCard.examples() if example.state is CaseState.VERIFIED)
    first = plain(words.message(card, Language.EN)).splitlines()[0]
    assert (
        first
        == "Enough: seen at the desk with photo ID by Amir Haddad, just now (10:15 on 24 November 2026)."
    )


def test_each_state_is_told_in_its_own_words(words: Words) -> None:
    for language in Language:
        for cls in (CaseNews, CasePage, ApprovalCard):
            # Those that differ by a button alone are told in the same words.
            plainest = (
                it for it in cls.examples() if not getattr(it, "leave", "") and not getattr(it, "codes", 0)
            )
            examples = [it for it in plainest if getattr(it, "refusal", None) is None]
            told = [plain(words.message(example, language)) for example in examples]
            assert len(set(told)) == len(told), (cls, language)


def test_each_refusal_is_told_in_its_own_words(words: Words) -> None:
    at = datetime(2026, 11, 25, 9, 15, tzinfo=UTC)
    for language in Language:
        told = {
            plain(words.message(CasePage("K7QF-2M", CaseState.APPROVED, "a@b", refusal, at), language))
            for refusal in REFUSALS
        }
        assert len(told) == len(REFUSALS)


def test_reminders_say_how_long_it_is(words: Words) -> None:
    day = date(2027, 1, 18)
    titles = [
        words.message(Reminder(day, offset, "everything"), Language.NN).title for offset in (-14, -1, 0, 1, 3)
    ]
    assert titles == [
        "14 dagar til tofaktor",
        "Tofaktor startar i morgon",
        "Tofaktor startar i dag",
        "Tofaktor har starta",
        "Tofaktor har starta",
    ]
    fact = words.message(Reminder(day, -14, "everything"), Language.NN).facts[0]
    assert fact.value == "måndag 18. januar 2027"


def test_only_an_organisation_without_its_own_messages_is_told_that_codes_stop(
    words: Words, full_words: Words
) -> None:
    reminder = Reminder(date(2027, 1, 18), -7, "only-telecom")
    assert "1 February 2027" in plain(words.message(reminder, Language.EN))
    assert "1 February 2027" not in plain(full_words.message(reminder, Language.EN))


def test_the_page_of_the_pass_says_where_it_may_be_typed(words: Words, full_words: Words) -> None:
    for each in (words, full_words):
        for language in Language:
            for example in PassPage.examples():
                text = plain(each.message(example, language))
                assert "login.microsoftonline.com" in text
                assert "Authenticator" in text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("no front matter", "templates/nn/messages/greeting.md.j2, line 1: begins with"),
        ("---\ntitle: x\n", "the front matter has no end"),
        ("---\ntitle: [\n---\nHi\n", "not YAML"),
        ("---\ntitel: x\n---\nHi\n", "titel: Extra inputs are not permitted"),
        ("---\ntitle: 3\n---\nHi\n", "title: Input should be a valid string"),
        ("---\ntitle: x\n---\nHi\n\n# big\n", "line 6: a heading cannot be used here"),
        ("---\ntitle: x\n---\n{% if thanks %}\nHi\n{% else %}\n*slanted*\n{% endif %}\n", "line 7: italics"),
        ("---\ntitle: x\n---\n{% if thanks %}\nHi\n", "line 5: Unexpected end of template"),
        ("---\ntitle: x\n---\n{% if thanks %}{{ nobody }}{% endif %}Hi\n", "“nobody” is not a name"),
        ("---\ntitle: x\n---\nHi {{ links.nothing }}\n", "line 4: there is no setting links.nothing"),
        ("---\ntitle: x\n---\nHi {{ organisation.name }}\n", "prints a value that is not set"),
        ("---\ntitle: x\n---\nHi {{ thanks }}\n", "prints a bool; use a filter"),
        ("---\ntitle: x\n---\n[x]({{ thanks }})\n", "neither written nor a setting"),
        ("---\ntitle: x\n---\n{% include 'a' %}\n", "Include cannot be used here"),
        ("---\ntitle: x\n---\n{% macro a() %}b{% endmacro %}\n", "Macro cannot be used here"),
        ("---\ntitle: '{% if %}'\n---\nHi\n", "title: Expected an expression"),
        ("---\n---\n\n", "says nothing"),
        ("---\ntitle: x\ndetails: '# big'\n---\nHi\n", "details: a heading cannot be used here"),
        (
            "---\ndated:\n- {fact: a, source: b, date: last year}\n---\nHi\n",
            "dated.0.date: String should match",
        ),
    ],
)
def test_a_mistake_stops_the_start_with_one_sentence(broken: Break, text: str, sentence: str) -> None:
    error = broken("nn/messages/greeting.md.j2", text)
    assert sentence in str(error)
    assert str(error).startswith("templates/nn/messages/greeting.md.j2")
    assert "\n" not in str(error)


def test_a_missing_label_stops_the_start(broken: Break) -> None:
    assert "there is no label for “claim”" in str(
        broken("nb/messages/claim_page.md.j2", "---\nfields:\n  code:\n    label: Kode\n---\nHei\n")
    )


def test_a_missing_problem_stops_the_start(broken: Break) -> None:
    text = "---\nactions:\n  claim: Send\nfields:\n  code:\n    label: Kode\n---\nHei\n"
    assert "fields.code: there are no words for the problem “wrong-code”" in str(
        broken("nb/messages/claim_page.md.j2", text)
    )


def test_a_missing_option_stops_the_start(broken: Break) -> None:
    text = "---\nactions:\n  give: Gi\nfields:\n  checks:\n    label: Sjekk\n---\nHei\n"
    assert "there are no words for the option “photo-id”" in str(broken("nb/messages/check_page.md.j2", text))


def test_a_form_without_its_button_stops_the_start(broken: Break) -> None:
    text = "---\nfields:\n  address:\n    label: Adresse\n---\nHei\n"
    assert "a form needs the label of its button" in str(broken("nb/messages/colleague_form.md.j2", text))


def test_a_language_that_lags_stops_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    shutil.copytree(TEMPLATES, folder)
    (folder / "nn/answers/setup.md.j2").unlink()
    with pytest.raises(BrokenTemplate, match=r"templates/nn/answers/setup\.md\.j2: is missing"):
        words_from(folder)


def test_a_template_of_no_message_stops_the_start(broken: Break) -> None:
    assert "belongs to no message" in str(broken("en/messages/farewell.md.j2", "---\n---\nBye\n"))


def test_broken_shared_labels_stop_the_start(broken: Break) -> None:
    assert "templates/en/labels.yaml" in str(broken("en/labels.yaml", "locale: en_GB\n"))


def test_an_unknown_topic_is_a_mistake(words: Words) -> None:
    with pytest.raises(BrokenTemplate, match="is missing"):
        words.message(Answer("no-such-topic"), Language.EN)


@pytest.mark.parametrize("shade", ["light", "full"])
def test_hostile_values_stay_text(words: Words, full_words: Words, shade: str) -> None:
    chosen = words if shade == "light" else full_words
    card = ApprovalCard.examples()[0]
    name = "[x](javascript:alert(1)) **b** <b>\n# `c`"
    shown = chosen.message(
        ApprovalCard(
            case=card.case,
            state=CaseState.APPROVED,
            name=name,
            upn=card.upn,
            department=None,
            proofs=(replace(card.proofs[0], who=name),),
        ),
        Language.EN,
    )
    assert all(span.url is None for block in shown.body if hasattr(block, "line") for span in block.line)
    assert "[x](javascript:alert(1)) **b** <b> # `c`" in plain(shown)
    assert [fact.label for fact in shown.facts] == ["Name", "Account", "Case"]
