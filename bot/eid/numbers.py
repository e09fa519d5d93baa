"""Whether a person number is the one on file for an account. Nothing but the answer leaves this module.

The number is compared where it is held, read anew each time, and kept nowhere.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import httpx

from bot.eid.refusals import EidUnavailable
from bot.outside import OutsideError, ask
from graph.secret import Secret
from graph.users import Users

_LINE: Final = re.compile(r"([0-9a-fA-F-]{36})[,;]([0-9a-f]{8})[,;]([0-9a-f]{64})")
_SPACES: Final = re.compile(r"[\s\u00a0]")


class BrokenNumbers(Exception):
    """The file of numbers cannot be used: one sentence that names file and line, never what stands there."""


class NumberSource(Protocol):
    """Where an organisation holds person numbers."""

    async def matches(self, account: str, number: Secret) -> bool:
        """Whether this is the account's number. No number on file is a no.

        Raises ``GraphError`` or ``EidUnavailable`` when nobody can tell.
        """
        ...


@dataclass(frozen=True)
class GraphNumbers:
    """A property of the account, by its path, as ``onPremisesExtensionAttributes/extensionAttribute1``."""

    users: Users
    path: str

    async def matches(self, account: str, number: Secret) -> bool:
        """Spaces aside, which some registers print."""
        held = _SPACES.sub("", await self.users.attribute(account, self.path) or "")
        return bool(held) and hmac.compare_digest(held.encode(), number.reveal().encode())


@dataclass(frozen=True)
class LookedUpNumbers:
    """A service of the organisation's own that says yes or no.

    It is sent ``{"account": <object id>, "number": <eleven digits>}`` and answers ``{"match": true}`` or ``false``.
    """

    client: httpx.AsyncClient
    address: str

    async def matches(self, account: str, number: Secret) -> bool:
        """Anything but a plain true or false counts as no answer."""
        body = {"account": account, "number": number.reveal()}
        try:
            answer = await ask(self.client, self.client.build_request("POST", self.address, json=body))
        except OutsideError as error:
            raise EidUnavailable(f"number-source-{type(error).__name__}") from None
        match answer.get("match"):
            case bool(match):
                return match
            case _:
                raise EidUnavailable("number-source-answer")


@dataclass
class FiledNumbers:
    """An imported file of keyed hashes: a line per account, ``object id,key id,HMAC-SHA-256("no:" + number)``.

    An unkeyed hash would be no protection: all numbers there are can be tried in a minute.
    """

    file: Path
    keys: Sequence[bytes] = field(repr=False)
    _read_at: int = -1
    _held: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Raises ``BrokenNumbers`` at the start, not at the first login."""
        self._renew()

    async def matches(self, account: str, number: Secret) -> bool:
        """A newer file is read when there is one; a broken one raises ``EidUnavailable``."""
        try:
            self._renew()
        except BrokenNumbers:
            raise EidUnavailable("number-file") from None
        key_id, held = self._held.get(account.lower(), ("", ""))
        return any(hmac.compare_digest(held, keyed(key, number)) for key in self.keys if id_of(key) == key_id)

    def _renew(self) -> None:
        try:
            changed = self.file.stat().st_mtime_ns
            if changed != self._read_at:
                self._held = _read(self.file, {id_of(key) for key in self.keys})
                self._read_at = changed
        except (OSError, UnicodeDecodeError):
            raise BrokenNumbers(f"{self.file} cannot be read.") from None


def id_of(key: bytes) -> str:
    """What names a key beside each value."""
    return hashlib.sha256(key).hexdigest()[:8]


def keyed(key: bytes, number: Secret) -> str:
    """What the file holds of a number."""
    return hmac.new(key, f"no:{number.reveal()}".encode(), hashlib.sha256).hexdigest()


def _read(file: Path, known: set[str]) -> Mapping[str, tuple[str, str]]:
    held: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise BrokenNumbers(f"{file}, line {number}: must be an object id, a key id and a keyed hash.")
        account, key_id, mac = found[1].lower(), found[2], found[3]
        if key_id not in known:
            raise BrokenNumbers(f"{file}, line {number}: secrets.number_key does not hold the key {key_id}.")
        if account in held:
            raise BrokenNumbers(f"{file}, line {number}: the account stands here for the second time.")
        held[account] = (key_id, mac)
    return held
