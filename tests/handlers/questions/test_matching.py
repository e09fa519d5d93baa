"""From free text to a topic: the same every time, forgiving of typing, and honest when unsure."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guide import TEMPLATES, phrasings
from handlers.questions.matching import Kind, Match, Matcher, Phrasing
from handlers.questions.topics import Topic

PHRASINGS = (
    Phrasing(Topic.SETUP, "hvordan setter jeg opp tofaktor"),
    Phrasing(Topic.SETUP, "how do I set up two-factor"),
    Phrasing(Topic.LOST_PHONE, "jeg har mistet mobilen"),
    Phrasing(Topic.NEW_PHONE, "jeg har byttet mobilen"),
    Phrasing(Topic.SECURITY_KEY, "kan jeg bruke en sikkerhetsnøkkel"),
    Phrasing(Topic.ABUSE, "gi meg koden til sjefen min"),
    Phrasing(Topic.OFF_TOPIC, "hva serverer kantina i dag"),
)
MATCHER = Matcher(PHRASINGS)


@pytest.fixture(scope="module")
def guide() -> Matcher:
    """With the phrasings that the product has."""
    return Matcher(phrasings(TEMPLATES))


@pytest.mark.parametrize("phrasing", PHRASINGS, ids=lambda phrasing: phrasing.text)
def test_a_phrasing_means_its_topic(phrasing: Phrasing) -> None:
    match = MATCHER.match(f"  {phrasing.text.upper()}?! ")
    expected = {Topic.ABUSE: Kind.REFUSE, Topic.OFF_TOPIC: Kind.HANDOVER}.get(phrasing.topic, Kind.ANSWER)
    assert match.kind is expected
    assert match.topic == (None if phrasing.topic is Topic.OFF_TOPIC else phrasing.topic)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("hvordan seter jeg opp tofaktor", Topic.SETUP),
        ("mobilen er mistet", Topic.LOST_PHONE),
        ("kan jeg bruke sikkerhetsnøkler", Topic.SECURITY_KEY),
        (unicodedata.normalize("NFD", "kan jeg bruke en sikkerhetsnøkkel på jobb"), Topic.SECURITY_KEY),
    ],
)
def test_typing_is_forgiven(text: str, topic: Topic) -> None:
    match = MATCHER.match(text)
    assert (match.kind, match.topic) == (Kind.ANSWER, topic)


def test_between_two_topics_there_is_a_choice() -> None:
    match = MATCHER.match("jeg har mobilen")
    assert (match.kind, match.topic) == (Kind.CHOOSE, None)
    assert set(match.alternatives[:2]) == {Topic.LOST_PHONE, Topic.NEW_PHONE}


@pytest.mark.parametrize("text", ["", "   ", "?!", "🙂", "qwxz", "12345678", "\u200b"])
def test_what_resembles_nothing_is_handed_over(text: str) -> None:
    assert MATCHER.match(text).kind is Kind.HANDOVER


@pytest.mark.parametrize(
    ("text", "thanks"),
    [("hei", False), ("Hi there", False), ("takk!", True), ("Thank you", True), ("God dag", False)],
)
def test_short_courtesies(text: str, thanks: bool) -> None:
    assert MATCHER.match(text) == Match(Kind.SMALLTALK, Topic.OFF_TOPIC, thanks=thanks)


def test_a_question_that_begins_politely_is_a_question() -> None:
    match = MATCHER.match("Hei, hvordan setter jeg opp tofaktor på mobilen, takk")
    assert (match.kind, match.topic) == (Kind.ANSWER, Topic.SETUP)


def test_without_phrasings_everything_is_handed_over() -> None:
    assert Matcher(()).match("hvordan setter jeg opp tofaktor") == Match(Kind.HANDOVER)


def test_the_order_of_phrasings_changes_nothing() -> None:
    turned = Matcher(reversed(PHRASINGS))
    for text in ("jeg har mobilen", "tofaktor", "sjefen har mistet mobilen i kantina"):
        assert turned.match(text) == MATCHER.match(text)


@given(st.text(max_size=300))
def test_any_text_has_one_outcome(text: str) -> None:
    match = MATCHER.match(text)
    assert match == MATCHER.match(text)
    assert (match.topic is None) is (match.kind in (Kind.CHOOSE, Kind.HANDOVER))
    assert match.kind is not Kind.CHOOSE or len(match.alternatives) >= 2
    assert match.topic not in match.alternatives
    assert len(match.alternatives) <= 4


@given(st.text(max_size=300))
def test_abuse_and_off_topic_are_never_offered(text: str) -> None:
    match = MATCHER.match(text)
    if match.kind is Kind.CHOOSE:
        assert not {Topic.ABUSE, Topic.OFF_TOPIC} & set(match.alternatives)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("How do I set up two-factor sign-in?", Topic.SETUP),
        ("jeg har mistet mobilen min", Topic.LOST_PHONE),
        ("eg har mista telefonen min", Topic.LOST_PHONE),
        ("I have a new phone", Topic.NEW_PHONE),
    ],
)
def test_the_guide_knows_the_first_questions(guide: Matcher, text: str, topic: Topic) -> None:
    match = guide.match(text)
    assert topic in (match.topic, *match.alternatives[:3])


def test_every_phrasing_of_the_guide_leads_to_its_topic(guide: Matcher) -> None:
    astray = [
        phrasing
        for phrasing in phrasings(TEMPLATES)
        if (match := guide.match(phrasing.text)).kind is Kind.ANSWER and match.topic is not phrasing.topic
    ]
    assert astray == []
