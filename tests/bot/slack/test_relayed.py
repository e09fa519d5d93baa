"""Whatever one side writes, the other reads it as text: nobody is called, and nothing becomes a link."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.render.text import plain
from bot.render.words import Words
from bot.sandbox.slack import blocks as slack
from bot.sandbox.slack.records import markup, notified
from bot.slack import blocks
from bot.slack.payloads import plain as written
from handlers.messages import (
    AskedLately,
    Data,
    Language,
    RelayCard,
    RelayFromPerson,
    RelayFromSupport,
    RelayLost,
    RelayTopicForm,
)
from handlers.relay.texts import ready
from tests.bot.hostile import NASTY, hostile


def _relayed(text: str) -> list[Data]:
    """Every message that holds what somebody wrote."""
    lines = ready(text, cut=False).lines or ("…",)
    card = RelayCard(
        "0f6b2c1e5a514a8f",
        text,
        questions=tuple(AskedLately(text[:400], outcome) for outcome in ("choose", "handover", "refuse")),
    )
    return [
        RelayFromPerson(text[:60], lines),
        RelayFromSupport(text[:60], lines),
        RelayLost("support", text[:60], lines[0][:160]),
        card,
    ]


def _harmless(words: Words, data: Data, language: Language) -> None:
    rendered = blocks.message(words.message(data, language))
    assert not slack.check_message(list(rendered.blocks))
    assert not slack.too_long(list(rendered.blocks))
    assert not notified(rendered.text, list(rendered.blocks))
    texts = [rendered.text, *markup(list(rendered.blocks))]
    assert [found for text in texts for found in re.findall(r"<([^>]*)>", text)] == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hostile, language=st.sampled_from(Language))
def test_nobody_is_called_and_nothing_is_a_link(words: Words, text: str, language: Language) -> None:
    for data in _relayed(text):
        _harmless(words, data, language)


def test_each_nasty_text_as_slack_hands_it_over(words: Words) -> None:
    for text in (*NASTY, "<!channel> <!here|here> <@U12345678> <#C1|general> <https://evil.example|Approve>"):
        for data in _relayed(written(text)):
            _harmless(words, data, Language.NB)


def test_lines_stay_lines(words: Words) -> None:
    said = ready("Hei!\n- en\n# to\n> tre", cut=False)
    message = words.message(RelayFromPerson("Nora", said.lines), Language.NB)
    assert plain(message).split("\n\n") == ["Nora skriver:", "Hei!", "- en", "# to", "> tre"]


def test_a_long_question_fits_the_form(words: Words) -> None:
    form = words.message(RelayTopicForm("0f6b2c1e5a514a8f", "ord " * 700), Language.NN)
    assert not slack.check_view(blocks.modal(form, "relay_topic_form", "0f6b2c1e5a514a8f"))
