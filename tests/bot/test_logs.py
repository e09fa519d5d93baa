"""The log: one line per event, and no secret in it whatever way it came."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

from bot import logs
from bot.redaction import CUT, is_secret_name, scrub

SLACK_TOKEN = "xoxb-" + "123456789012-abcDEF123ghi"
APP_TOKEN = "xapp-" + "1-A012345-678-0f0f0f0f"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJrYXJpIn0.c2lnbmF0dXJl"
PERSON_NUMBER = "01019012345"
CLAIM_CODE = "K7QF-2M9X"
PASS = "canary:temporary/pass"
CANARIES = (
    SLACK_TOKEN,
    APP_TOKEN,
    JWT,
    PERSON_NUMBER,
    "010190 12345",
    "01 01 90 123 45",
    CLAIM_CODE,
    "k7qf-2m9x",
)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The log of a fresh process."""
    shown = warnings.showwarning
    out = io.StringIO()
    logs.configure("DEBUG", out)
    yield out
    logging.captureWarnings(False)
    warnings.showwarning = shown


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_events_are_json_lines(stream: io.StringIO) -> None:
    structlog.stdlib.get_logger("handlers.passes").info(
        "pass-issued", case="K7QF-2M", pass_id="7", status=201
    )

    (line,) = lines(stream)

    assert line.pop("timestamp")
    assert line == {
        "event": "pass-issued",
        "case": "K7QF-2M",
        "pass_id": "7",
        "status": 201,
        "level": "info",
        "logger": "handlers.passes",
    }


def test_libraries_log_in_the_same_form(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started process %d", 7)

    assert [(line["event"], line["logger"]) for line in lines(stream)] == [
        ("Started process 7", "uvicorn.error")
    ]


def test_context_goes_into_every_line(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(case="K7QF-2M"):
        structlog.stdlib.get_logger("bot").info("one")
        logging.getLogger("uvicorn.error").info("two")

    assert [line["case"] for line in lines(stream)] == ["K7QF-2M", "K7QF-2M"]


@dataclass(frozen=True)
class Holder:
    inner: str


@pytest.mark.parametrize("canary", CANARIES)
def test_no_shape_of_a_secret_is_written(stream: io.StringIO, canary: str) -> None:
    ours = structlog.stdlib.get_logger("bot.slack")
    library = logging.getLogger("some.library")
    ours.info(f"event {canary}", value=canary)
    ours.info("nested", deep={"list": [{"x": (canary, Holder(canary))}], canary: 1, "raw": canary.encode()})
    ours.bind(bound=canary).debug("bound")
    library.warning("said %s to %r", canary, {"a": [canary]})
    library.warning("named %(who)s", {"who": canary})
    library.warning("extra", extra={"more": {"deep": canary}})
    try:
        raise ValueError(f"text with {canary}") from KeyError(canary)
    except ValueError:
        ours.exception("ours-failed")
        library.exception("theirs %s", canary)

    assert len(lines(stream)) >= 8
    assert "Traceback" in stream.getvalue()
    assert canary not in stream.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "pass",
            "temporary_access_pass",
            "temporaryAccessPass",
            "bot_token",
            "accessToken",
            "client_secret",
        ),
        *("Authorization", "password", "Set-Cookie", "claim_code", "pid", "national_id", "body", "payload"),
        *("audit_key", "code_verifier", "client_assertion"),
    ],
)
def test_whatever_stands_under_the_name_of_a_secret_is_cut(stream: io.StringIO, name: str) -> None:
    log = structlog.stdlib.get_logger("bot")
    log.info("flat", **{name: PASS})
    log.info("deep", data=[{name: {"value": PASS}}])

    assert PASS not in stream.getvalue()
    assert lines(stream)[0][name] == CUT


@pytest.mark.parametrize(
    "name", ["pass_id", "token_source", "key_id", "case", "status", "passes", "account", "text"]
)
def test_a_name_about_a_secret_is_none(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize("code", ["invalid_client", "Authorization_RequestDenied", "AADSTS50034", "429", 503])
def test_error_codes_stay(stream: io.StringIO, code: object) -> None:
    structlog.stdlib.get_logger("graph").warning("failed", code=code)

    assert lines(stream)[0]["code"] == code


@pytest.mark.parametrize("code", ["4821-9930", "x7Tp!q9rZ", "123456", "0.AXoA-code"])
def test_other_codes_do_not(stream: io.StringIO, code: str) -> None:
    structlog.stdlib.get_logger("graph").warning("failed", code=code)

    assert lines(stream)[0]["code"] == CUT


def test_a_person_number_is_cut_as_a_number_too(stream: io.StringIO) -> None:
    structlog.stdlib.get_logger("bot").info("counted", value=12345678901, rows=50000)

    assert lines(stream)[0]["value"] == CUT
    assert lines(stream)[0]["rows"] == 50000


@pytest.mark.parametrize(
    "text",
    [
        "Bearer abc.def",
        "authorization: Basic a2FyaTpodW50ZXI=",
        "https://login.example/callback?code=canary&state=canary2",
        "{'client_secret': 'canary'}",
        "access_token=canary",
        "https://hooks.slack.com/services/T0/B0/canary",
        "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----",
    ],
)
def test_secrets_inside_a_text_are_cut(text: str) -> None:
    scrubbed = scrub(text)

    assert CUT in scrubbed
    assert "canary" not in scrubbed
    assert "abc" not in scrubbed
    assert "a2F" not in scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T06:02:33.123456Z",
        "1763964153.123456",
        "read-only keep-alive well-know",
        "case K7QF-2M waits",
        "40 of 50000 rows in 1763964153123 ms",
        "Europe/Oslo 08:00-16:00",
        "key rotation: the pass was shown",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert scrub(text) == text


@given(st.uuids())
def test_ids_stay(value: object) -> None:
    assert scrub(f"account {value} ok") == f"account {value} ok"


@given(st.text())
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    assert scrub(scrub(text)) == scrub(text)


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore.http11", "slack_sdk.web.async_client", "slack_bolt.AsyncApp"]
)
def test_talkative_libraries_are_heard_from_warning_on(stream: io.StringIO, name: str) -> None:
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        logger.info("GET https://graph.example/users/kari@fjordheim.example")
        logger.warning("slow")
    finally:
        logger.setLevel(before)

    assert [line["event"] for line in lines(stream)] == ["slow"]


def test_no_library_is_heard_at_debug(stream: io.StringIO) -> None:
    logger = logging.getLogger("unheard.of")
    logger.setLevel(logging.DEBUG)
    logger.debug("whole payload")
    logging.getLogger("handlers.cases").debug("ours")

    assert [line["event"] for line in lines(stream)] == ["ours"]


async def test_bolt_says_nothing_about_a_request_with_a_wrong_signature(stream: io.StringIO) -> None:
    async def authorize() -> AuthorizeResult:
        raise AssertionError

    app = AsyncApp(signing_secret="canary", authorize=authorize)
    request = AsyncBoltRequest(
        body='{"text": "canary"}',
        headers={"x-slack-signature": ["v0=00"], "x-slack-request-timestamp": ["1"]},
    )

    answer = await app.async_dispatch(request)

    assert answer.status == 401
    assert "canary" not in stream.getvalue()


def test_a_line_cannot_be_forged(stream: io.StringIO) -> None:
    structlog.stdlib.get_logger("bot").info("name", value='x\n{"event": "pass-issued"}\x1b[2J\u202e')

    (line,) = lines(stream)
    assert line["value"] == 'x\n{"event": "pass-issued"}[2J'


def test_a_line_that_cannot_be_written_keeps_its_contents(
    stream: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    # the test runner's own handler would raise what ours has to survive
    root.handlers[:] = [handler for handler in root.handlers if isinstance(handler, logs.Handler)]
    logging.getLogger("some.library").warning("%d", PASS)

    assert [line["event"] for line in lines(stream)] == ["log-line-lost"]
    assert PASS not in stream.getvalue() + "".join(capfd.readouterr())


def test_configuring_again_replaces(stream: io.StringIO) -> None:
    later = io.StringIO()
    logs.configure("warning", later)
    log = structlog.stdlib.get_logger("bot")
    log.info("quiet")
    log.warning("loud")

    assert [line["event"] for line in lines(later)] == ["loud"]
    assert stream.getvalue() == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_in_a_terminal_lines_are_for_eyes_and_as_clean(stream: io.StringIO) -> None:
    terminal = Terminal()
    logs.configure("INFO", terminal)
    try:
        raise ValueError(JWT)
    except ValueError:
        structlog.stdlib.get_logger("bot").exception("failed", bot_token=PASS, note=SLACK_TOKEN)

    assert "failed" in terminal.getvalue()
    assert "ValueError" in terminal.getvalue()
    for canary in (JWT, PASS, SLACK_TOKEN):
        assert canary not in terminal.getvalue()
    assert not stream.getvalue()
