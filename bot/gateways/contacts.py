"""Private numbers and mailboxes on file, with their age. Read anew each time, and kept nowhere.

Every source says the same: ``{"phone": {"value": …, "changed": "2026-04-01"}, "mail": null}``. A date that is not
there means that nobody knows how old the address is, and one that is no number or mailbox counts as none.
"""

import csv
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import httpx

from bot.outside import OutsideError, ask
from graph.secret import Secret
from graph.users import Users
from handlers.ports import Address, Contact, ContactsUnavailable

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
"""As E.164 writes it. Without its country code nobody can say whose number it is."""
_BETWEEN: Final = re.compile(r"[\s\u00a0().-]")
_MAILBOX: Final = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]+")
_ACCOUNT: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_COLUMNS: Final = ["account", "kind", "value", "changed"]

Form = Callable[[str], str | None]
"""Writes an address as it is used, or says that it is none."""


class BrokenContacts(Exception):
    """The file of contacts cannot be used: one sentence that names file and line, never what stands there."""


class NoContacts:
    """Nothing is on file for anybody."""

    async def of(self, account: str) -> Contact:  # noqa: ARG002 - the port's
        """Nothing."""
        return Contact()


@dataclass(frozen=True)
class GraphContacts:
    """A property of the account that holds the JSON text, as ``onPremisesExtensionAttributes/extensionAttribute5``."""

    users: Users
    path: str

    async def of(self, account: str) -> Contact:
        """See ``handlers.ports.Contacts``."""
        held = await self.users.attribute(account, self.path)
        if held is None:
            return Contact()
        try:
            return contact_of(json.loads(held))
        except (ValueError, RecursionError):
            raise ContactsUnavailable("property") from None


@dataclass(frozen=True)
class LookedUpContacts:
    """A service of the organisation's own. It is sent ``{"account": <object id>}``."""

    client: httpx.AsyncClient
    address: str

    async def of(self, account: str) -> Contact:
        """See ``handlers.ports.Contacts``."""
        try:
            answer = await ask(
                self.client, self.client.build_request("POST", self.address, json={"account": account})
            )
        except OutsideError as error:
            raise ContactsUnavailable(type(error).__name__) from None
        if "phone" not in answer or "mail" not in answer:
            raise ContactsUnavailable("answer")
        return contact_of(answer)


@dataclass
class FiledContacts:
    """An imported file, a line per address: ``account,kind,value,changed``, with or without that as its first line."""

    file: Path
    _read_at: int = -1
    _held: Mapping[str, Contact] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Raises ``BrokenContacts`` at the start, not at the first code."""
        self._renew()

    async def of(self, account: str) -> Contact:
        """A newer file is read when there is one."""
        try:
            self._renew()
        except BrokenContacts:
            raise ContactsUnavailable("file") from None
        return self._held.get(account.lower(), Contact())

    def _renew(self) -> None:
        try:
            changed = self.file.stat().st_mtime_ns
            if changed != self._read_at:
                self._held = _read(self.file)
                self._read_at = changed
        except (OSError, UnicodeDecodeError, csv.Error):
            raise BrokenContacts(f"{self.file} cannot be read.") from None


def contact_of(told: object) -> Contact:
    """What a source says, in its one form. ``ContactsUnavailable`` when it has another."""
    if not isinstance(told, dict):
        raise ContactsUnavailable("shape")
    return Contact(_address(told.get("phone"), number_of), _address(told.get("mail"), mailbox_of))


def number_of(value: str) -> str | None:
    """A telephone number as E.164 writes it, from one that people can read; None if it is none."""
    bare = _BETWEEN.sub("", value)
    bare = f"+{bare[2:]}" if bare.startswith("00") else bare
    return bare if _NUMBER.fullmatch(bare) else None


def mailbox_of(value: str) -> str | None:
    """A mail address; None if it is none."""
    bare = value.strip()
    return bare if _MAILBOX.fullmatch(bare) and len(bare) <= 254 else None


def _address(told: object, form: Form) -> Address | None:
    match told:
        case None:
            return None
        case {"value": None | ""}:
            return None
        case {"value": str(value), **rest}:
            written = form(value)
            return None if written is None else Address(Secret(written), _day(rest.get("changed")))
        case _:
            raise ContactsUnavailable("shape")


def _day(told: object) -> date | None:
    """A date, or the date of a moment; nothing when it is neither, which makes the address too young for anything."""
    try:
        return date.fromisoformat(told[:10]) if isinstance(told, str) else None
    except ValueError:
        return None


def _read(file: Path) -> Mapping[str, Contact]:
    held: dict[str, dict[str, Address]] = {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.reader(lines), start=1):
            cells = [cell.strip() for cell in row]
            if not any(cells) or (number == 1 and cells == _COLUMNS):
                continue
            account, kind, address = _line(cells, f"{file}, line {number}")
            kinds = held.setdefault(account, {})
            if kind in kinds:
                raise BrokenContacts(f"{file}, line {number}: the account has a second {kind}.")
            kinds[kind] = address
    return {account: Contact(kinds.get("phone"), kinds.get("mail")) for account, kinds in held.items()}


def _line(cells: list[str], where: str) -> tuple[str, str, Address]:
    if len(cells) != len(_COLUMNS) or not _ACCOUNT.fullmatch(cells[0]):
        raise BrokenContacts(
            f"{where}: must be an object id, phone or mail, the address and since when it stands."
        )
    account, kind, value, changed = cells
    form = _FORMS.get(kind)
    if form is None:
        raise BrokenContacts(f"{where}: the second column must be phone or mail.")
    written = form(value)
    if written is None:
        raise BrokenContacts(
            f"{where}: this is no {'number with a country code' if kind == 'phone' else 'mailbox'}."
        )
    day = _day(changed)
    if changed and day is None:
        raise BrokenContacts(f"{where}: the last column must be a date such as 2026-04-01, or empty.")
    return account.lower(), kind, Address(Secret(written), day)


_FORMS: Final[Mapping[str, Form]] = {"phone": number_of, "mail": mailbox_of}
