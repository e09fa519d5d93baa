"""Every topic is answered in every language, with the facts it has to state and nothing made up."""

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.render.front import Source, read_source
from bot.render.message import Message, Paragraph
from bot.render.words import Words
from handlers.messages import Answer, Language
from handlers.questions.topics import Topic

TEMPLATES = Path(__file__).parents[3] / "templates"
FACTS: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("answer_facts.toml").read_text(encoding="utf-8")
)
ANSWERED = tuple(topic for topic in Topic if topic is not Topic.OFF_TOPIC)
LANGUAGES = tuple(Language)
NO_DESK = {
    Language.EN: "the service desk",
    Language.NB: "brukerstøtten",
    Language.NN: "brukarstøtta",
}
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
RETIREMENT = "https://learn.microsoft.com/entra/identity/authentication/concept-sms-voice-retirement"
TEXTS = (
    "name",
    "service_desk",
    "service_desk_phone",
    "service_desk_hours",
    "service_desk_place",
    "decided_by",
    "allowed_methods",
    "key_policy",
    "private_phone_policy",
    "prompt_frequency",
    "other_services",
    "shared_accounts_policy",
    "app_passwords",
    "snooze_policy",
)
ADDRESSES = ("setup", "security_info", "id_porten_reset", "sign_in", "service_desk", "privacy")
ONLY_ASKED_FOR = ("intranet",)
"""Whether it is set decides the words, but the address itself is not shown: a forged message could show one too."""

every_answer = pytest.mark.parametrize("topic", ANSWERED)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def source(topic: Topic, language: Language) -> Source:
    return read_source(TEMPLATES, f"{language}/answers/{topic}.md.j2")


def words(
    organisation: Mapping[str, object], links: Mapping[str, object], *, own_telecom: bool = False
) -> Words:
    said = dict.fromkeys(Language, organisation)
    return Words(TEMPLATES, said, links, own_telecom, ZoneInfo("Europe/Oslo"))


@pytest.fixture(scope="module")
def unset() -> Words:
    return words(dict.fromkeys(TEXTS), dict.fromkeys(ADDRESSES + ONLY_ASKED_FOR))


@pytest.fixture(scope="module")
def filled() -> Words:
    links = {name: f"https://{name}.example/" for name in ADDRESSES + ONLY_ASKED_FOR}
    return words({name: f"⟨{name}⟩" for name in TEXTS}, links, own_telecom=True)


def spans(message: Message) -> list[tuple[str, str | None]]:
    blocks = (*message.body, *message.details)
    lines = [
        line for block in blocks for line in ((block.line,) if isinstance(block, Paragraph) else block.items)
    ]
    return [(span.text, span.url) for line in lines for span in line]


def text(message: Message) -> str:
    return "".join(said for said, _ in spans(message))


def test_there_are_32_topics_and_answers_for_all_but_off_topic() -> None:
    assert len(Topic) == 32
    assert set(FACTS) == set(ANSWERED)
    for language in LANGUAGES:
        files = {file.name.removesuffix(".md.j2") for file in (TEMPLATES / language / "answers").iterdir()}
        assert files == set(ANSWERED)


@every_language
@every_answer
def test_the_facts_are_stated(topic: Topic, language: Language) -> None:
    template = source(topic, language)
    written = "\n".join((template.body, template.front.details, *(f.value for f in template.front.facts)))
    position = LANGUAGES.index(language)
    missing = [fact for fact, stems in FACTS[topic].items() if stems[position] not in written]
    assert not missing


@every_language
@every_answer
def test_facts_that_age_have_their_source_and_date(topic: Topic, language: Language) -> None:
    dated = [(fact.source, fact.date, fact.expires) for fact in source(topic, language).front.dated]
    english = [(fact.source, fact.date, fact.expires) for fact in source(topic, Language.EN).front.dated]
    assert dated == english
    assert all(where and MONTH.fullmatch(when) for where, when, _ in dated)


@every_language
@every_answer
def test_what_is_said_of_2027_is_dated_and_expires(topic: Topic, language: Language) -> None:
    template = source(topic, language)
    says = "2027" in template.body + template.front.details
    dated = [fact.expires for fact in template.front.dated if fact.source == RETIREMENT]
    assert says == bool(dated)
    assert all(expires == date(2027, 2, 1) for expires in dated)


@every_language
@every_answer
def test_without_settings_the_service_desk_stands_in(topic: Topic, language: Language, unset: Words) -> None:
    template = source(topic, language)
    needs_settings = "organisation." in template.body or "links." in template.body
    message = unset.message(Answer(topic), language)
    assert not needs_settings or NO_DESK[language] in text(message).lower()
    assert not [url for _, url in spans(message) if url is not None]
    assert not message.facts


@every_language
@pytest.mark.parametrize("setting", TEXTS)
def test_every_text_of_the_organisation_is_said(setting: str, language: Language, filled: Words) -> None:
    messages = [filled.message(Answer(topic), language) for topic in ANSWERED]
    said = [text(message) + "".join(fact.value for fact in message.facts) for message in messages]
    assert any(f"⟨{setting}⟩" in one for one in said)


@every_language
@pytest.mark.parametrize("setting", ADDRESSES)
def test_every_address_is_linked(setting: str, language: Language, filled: Words) -> None:
    urls = {url for topic in ANSWERED for _, url in spans(filled.message(Answer(topic), language))}
    assert f"https://{setting}.example/" in urls


@every_language
@pytest.mark.parametrize("topic", [Topic.SETUP, Topic.BACKUP_METHOD, Topic.SECURITY_KEY, Topic.SMS_OR_CALL])
def test_own_provider_decides_what_2027_means(
    topic: Topic, language: Language, unset: Words, filled: Words
) -> None:
    position = LANGUAGES.index(language)
    must = FACTS[topic]["must_register_passkey"][position]
    keeps = FACTS[topic]["own_provider"][position]
    without, with_provider = (text(it.message(Answer(topic), language)) for it in (unset, filled))
    assert must in without
    assert keeps not in without
    assert must not in with_provider
    assert keeps in with_provider


@every_language
@pytest.mark.parametrize("topic", [Topic.SETUP, Topic.ACTIVATION_DAY, Topic.POSTPONE])
def test_the_day_is_said_to_whom_it_is_given(topic: Topic, language: Language, unset: Words) -> None:
    def short(day: date | None) -> str:
        return text(dataclasses.replace(unset.message(Answer(topic, day), language), details=()))

    assert "2028" in short(date(2028, 3, 6))
    assert "2028" not in short(None)


@every_language
@every_answer
def test_short_first(topic: Topic, language: Language, unset: Words, filled: Words) -> None:
    for said in (unset, filled):
        message = said.message(Answer(topic), language)
        assert len(message.title) <= 40
        assert len(message.body) <= 6
        short = text(dataclasses.replace(message, details=()))
        assert len(short) <= 900
        assert len(text(message)) <= 1500


@every_language
def test_the_steps_of_the_guide_keep_their_order(language: Language) -> None:
    position = LANGUAGES.index(language)
    order = (
        "app_from_the_store",
        "page_is_a_setting",
        "choose_the_account",
        "until_the_qr_code",
        "kind_of_account",
        "approve",
        "type_the_number",
        "done",
    )
    body = source(Topic.SETUP, language).body
    places = [body.index(FACTS[Topic.SETUP][fact][position]) for fact in order]
    assert places == sorted(places)
