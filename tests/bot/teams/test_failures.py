"""What the service's refusals mean: who blocked, who has no app, what is gone, and what may be tried again."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.teams import refusals
from bot.sandbox.teams.refusals import BlockedAs, Refusal
from bot.teams.failures import Blocked, NotInstalled, NotThere, code_of, refused
from handlers.ports import ChatError, OutcomeUnknown, Rejected, TryLater, Unreachable


def _answer(refusal: Refusal) -> httpx.Response:
    after = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    return httpx.Response(refusal.status, json=refusal.body, headers=after)


@pytest.mark.parametrize(
    ("refusal", "meaning", "word"),
    [
        (refusals.blocked(BlockedAs.WRITES), Blocked, "blocked"),
        (refusals.blocked(BlockedAs.USER), Blocked, "blocked"),
        (refusals.not_in_roster(), NotInstalled, "not-installed"),
        (refusals.not_installed(), NotInstalled, "not-installed"),
        (Refusal(403, "SomethingNew", "no"), Unreachable, "forbidden"),
        (refusals.no_conversation(), NotThere, "gone"),
        (refusals.no_message(), Rejected, "ActivityNotFoundInConversation"),
        (refusals.bad_argument("x"), Rejected, "BadArgument"),
        (refusals.too_big(), Rejected, "MessageSizeTooBig"),
        (refusals.unauthorised(), Rejected, "teams-token: refused"),
    ],
    ids=lambda it: getattr(it, "code", None),
)
def test_a_refusal_is_told_apart(refusal: Refusal, meaning: type[ChatError], word: str) -> None:
    error = refused(_answer(refusal), repeatable=False)
    assert type(error) is meaning
    assert str(error) == word


@pytest.mark.parametrize(("named", "seconds"), [(17, 17), (None, 5), (999_999, 3600)])
def test_a_pause_is_named_or_guessed_and_never_for_ever(named: int | None, seconds: float) -> None:
    error = refused(_answer(refusals.throttled(named)), repeatable=False)
    assert isinstance(error, TryLater)
    assert error.seconds == seconds


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_of_a_broken_service_nobody_knows_what_it_did(status: int) -> None:
    answer = httpx.Response(status, text="<html>")
    assert isinstance(refused(answer, repeatable=False), OutcomeUnknown)
    assert isinstance(refused(answer, repeatable=True), TryLater)


@given(st.integers(400, 499), st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_the_body_only_a_word_of_theirs_or_ours_is_told(status: int, body: bytes) -> None:
    answer = httpx.Response(status, content=body)
    assert code_of(answer).isalnum()
    assert isinstance(refused(answer, repeatable=False), ChatError)
