"""Nothing that opens a door, and nobody's number, is in a log line or error text, at any level, whatever goes wrong."""

import logging
import traceback
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import pytest
from structlog.testing import capture_logs

from bot.eid.provider import ClientAuth
from bot.jose import SigningKey
from bot.sandbox.eid import Fault
from bot.sandbox.eid.keys import Key
from handlers.ports import AskedLogin, BegunLogin, LoginError
from tests.bot.eid.rig import CLIENT_ID, NORA, SECRET, Rig, Way, provider_of, query_of, registration, rig_of


class Everything(logging.Handler):
    """Keeps every record as text, with its arguments and its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()} {record.args!r}")
        if record.exc_info:
            self.lines += traceback.format_exception(*record.exc_info)


@dataclass
class Heard:
    """What is written down while our side is at work: every logger at DEBUG, and the error that it ends with."""

    lines: list[str] = field(default_factory=list)
    _until: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> None:
        handler, root = Everything(), logging.getLogger()
        events = self._until.enter_context(capture_logs())
        self._until.callback(lambda: self.lines.extend([*handler.lines, *map(repr, events)]))
        self._until.callback(root.setLevel, root.level)
        self._until.callback(root.removeHandler, handler)
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        self._until.close()
        if isinstance(error, LoginError):
            self.lines += [str(error), repr(error), error.reason, *traceback.format_exception(error)]
            return True
        return False


async def _hear(rig: Rig, heard: Heard) -> list[AskedLogin]:
    """One login, of which only our part is listened to: the browser is not ours."""
    begun: BegunLogin | None = None
    with heard:
        begun = await rig.begin()
    if begun is None:
        return []
    query = query_of(await rig.browser.log_in(begun.address))
    with heard:
        heard.lines.append(repr(await rig.end(query, begun.asked)))
    return [begun.asked]


def _canaries(rig: Rig, asked: list[AskedLogin]) -> set[str]:
    """Everything secret that there was, whole; of what is long, a piece too."""
    sent = [value for call in rig.idp.calls for value in _secret(call.parameters)]
    ours = [value for each in asked for value in (each.state, each.nonce, each.verifier)]
    found = {*rig.idp.journal.given, *sent, *ours, SECRET, NORA.person_number or ""} - {""}
    return found | {each[10:40] for each in found if len(each) > 40}


def _secret(parameters: object) -> list[str]:
    assert isinstance(parameters, dict)
    names = ("code", "client_assertion", "client_secret", "code_verifier", "state", "nonce")
    return [parameters[name] for name in names if name in parameters]


@pytest.mark.parametrize(
    "way", [Way(), Way(ClientAuth.CLIENT_SECRET_POST, pushed=False, userinfo=True)], ids=str
)
async def test_no_login_leaves_a_trace(way: Way, ours: SigningKey, theirs: Key) -> None:
    """Right logins, all faults one after another, and refusals that repeat what we sent."""
    heard = Heard()
    async with rig_of(way, ours, theirs) as rig:
        rig.idp.delay = 0.0
        asked = await _hear(rig, heard)
        for fault in Fault:
            rig.watch.seconds += 2 * 24 * 3600  # what is published is read anew
            rig.idp.faults.add(fault)
            asked += await _hear(rig, heard)
            rig.idp.faults.clear()
        rig.watch.seconds += 2 * 24 * 3600
        # the provider now says what we sent: the assertion or the secret, then the code
        rig.idp.register(replace(registration(way, ours), keys=(theirs.public,), secret="another"))
        asked += await _hear(rig, heard)
        rig.idp.register(registration(way, ours))
        begun = await rig.begin()
        query = query_of(await rig.browser.log_in(begun.address))
        asked.append(begun.asked)
        for _ in range(2):
            with heard:
                await rig.end(query, begun.asked)
        canaries = _canaries(rig, asked)
    said = "\n".join(heard.lines)
    assert not [canary for canary in canaries if canary in said]
    assert len(canaries) > 4 * len(Fault)
    assert "httpcore" in said
    assert "keys-not-renewed" in said
    assert "metadata-not-renewed" in said
    assert CLIENT_ID not in said


def test_the_net_catches_something() -> None:
    heard = Heard()
    with heard:
        logging.getLogger("httpcore.http11").debug("sent %s", "kanarifugl")
        raise LoginError("kanari-error")
    assert "kanarifugl" in "\n".join(heard.lines)
    assert "kanari-error" in "\n".join(heard.lines)


def test_records_do_not_show_what_they_hold(ours: SigningKey) -> None:
    shown = repr(provider_of("https://idp.example", Way(), ours)) + repr(ours)
    assert SECRET not in shown
    assert "PRIVATE KEY" not in shown
