"""After every test in which emulators ran: no pass that was made stands anywhere but on the page that showed it.

Looked through are what Slack, Teams, Graph, mail and text messages were sent, what Slack and Teams were answered, and
every file in the emulators' folder: database, log, whatever else the bot may have written.
"""

import html
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

_OPERATORS_OWN: Final = frozenset({".pem", ".key", ".yaml", ".png"})
"""Ends of the files that the bot does not write: keys, certificates, settings, pictures that a test took."""
_EMULATORS: Final = {
    "bot.sandbox.entra.emulator": "EntraEmulator",
    "bot.sandbox.slack.emulator": "SlackEmulator",
    "bot.sandbox.gateways": "GatewayEmulator",
    "bot.sandbox.teams.emulator": "TeamsEmulator",
}
_STOPPED: Final[list[Any]] = []
"""The emulators that have stopped in this test, the latest last."""
_IN_FILES: Final[list[str]] = []
_WRAPPED: Final[set[str]] = set()


def ways(secret: str) -> frozenset[str]:
    """A secret as it may be written: as it is, in HTML, in an address, in JSON."""
    return frozenset(
        {secret, html.escape(secret), quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}
    )


def holds(text: str, secrets: Iterable[str]) -> bool:
    """Whether one of these stands in a text, however it is written."""
    return any(way in text for secret in secrets for way in ways(secret))


def leaks() -> list[str]:
    """What has been found in this test so far, and is forgotten by it."""
    found = [*_IN_FILES, *_sent()]
    _IN_FILES.clear()
    _STOPPED.clear()
    return found


@pytest.fixture(autouse=True)
def _swept(request: pytest.FixtureRequest) -> Iterator[None]:
    """Asked for by every test; it looks when everything else has ended."""
    _listen()
    leaks()
    yield
    found = leaks()
    assert not found or request.config.getoption("--without-control", default=None), found


def _listen() -> None:
    """Hear of the emulators that stop. Those that a test never imports are left alone."""
    for module, name in _EMULATORS.items():
        if module in sys.modules and module not in _WRAPPED:
            emulator = getattr(sys.modules[module], name)
            emulator.stop = _heard(emulator.stop)
            _WRAPPED.add(module)


def _heard(stop: Callable[[Any], Any]) -> Callable[[Any], Any]:
    async def stops(self: Any) -> None:
        await stop(self)
        _STOPPED.append(self)
        if hasattr(self, "passes_created"):
            _IN_FILES.extend(_in_files(self))

    return stops


def _in_files(entra: Any) -> Iterator[str]:
    """Read while they are there: a test's folder may be gone before its end."""
    codes = [made.code for made in entra.passes_created]
    if not codes:
        return
    for file in Path(entra.ca_file).parent.rglob("*"):
        ours = file.is_file() and file.suffix not in _OPERATORS_OWN
        if ours and holds(file.read_bytes().decode("latin-1"), codes):
            yield f"{file.name} holds a pass"


def _sent() -> Iterator[str]:
    codes = [made.code for each in _STOPPED for made in getattr(each, "passes_created", ())]
    if not codes:
        return
    for name, text in (told for each in _STOPPED for told in _outbound(each)):
        if holds(text, codes):
            yield f"{name} was sent a pass"


def _outbound(emulator: Any) -> Iterator[tuple[str, str]]:
    """Everything that somebody outside was told."""
    if hasattr(emulator, "passes_created"):
        for each in emulator.requests:
            yield "Graph", f"{each.path} {each.query} {each.client} {each.body}"
        for mail in emulator.post.sent:
            yield "A mailbox", f"{mail.to} {mail.subject} {mail.text}"
    elif hasattr(emulator, "texts"):
        for sent in emulator.texts:
            yield "A phone", f"{sent.to} {sent.text}"
        for alarm in emulator.alarms:
            yield "Security", json.dumps(alarm, default=str)
    elif hasattr(emulator, "published"):
        yield "Teams", emulator.everything_sent()
    else:
        for call in emulator.calls:
            yield "Slack", f"{call.raw}\n{call.args}"
        for delivery in emulator.deliveries:
            yield "Slack", str(delivery.answer)
