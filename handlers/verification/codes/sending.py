"""Sends a code to an address on file. The part that no reply waits for."""

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from graph.errors import GraphError
from graph.users import User, Users
from handlers.messages import CodeMail, CodeText, Language
from handlers.ports import Address, Channels, Clock, ContactsUnavailable, NotSent
from handlers.records import Case, SentCode
from handlers.states import CaseState
from handlers.store import codes as store
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import EvidenceKeys
from handlers.verification.policy import Route

log = structlog.get_logger(__name__)

DIGITS: Final = 6
LIFE: Final = {"phone": timedelta(minutes=10), "mail": timedelta(hours=24)}
"""How long a code works (NIST SP 800-63B-4, 4.2: 10 minutes by text message, 24 hours by mail)."""


@dataclass(frozen=True)
class Sending:
    """Looks the address up, and sends a code to it if it has stood there for long enough."""

    database: Database
    users: Users
    cases: Cases
    keys: EvidenceKeys
    clock: Clock
    channels: Channels

    def serves(self, address: str) -> bool:
        """Whether codes can be sent to addresses of this kind at all."""
        match address:
            case "phone":
                return self.channels.sms is not None
            case "mail":
                return self.channels.mail is not None
            case _:
                return False

    async def send(self, case: Case, route: Route) -> None:
        """Send one, or note why not: the requester is told the same either way."""
        try:
            address = await self._address(case, route)
            if address is not None:
                await self._send(case, route, address)
        except (GraphError, ContactsUnavailable) as error:
            log.error("contacts-unknown", case=case.id, route=route.name, error=type(error).__name__)
        except NotSent as error:
            log.error("code-not-sent", case=case.id, route=route.name, reason=error.reason)

    async def _address(self, case: Case, route: Route) -> Address | None:
        """The address, if it counts: not too young, and not the mailbox that is lost with the account."""
        contact = await self.channels.contacts.of(case.target)
        owner = await self.users.get(case.target)
        address = contact.phone if route.address == "phone" else contact.mail
        if address is None:
            reason = "none"
        elif unchanged_days(address, self.clock.now().date()) < max(route.unchanged_days, 0):
            reason = "young"
        elif route.address == "mail" and is_work_mail(address.value.reveal(), owner):
            reason = "work-mail"
        else:
            return address
        log.info("no-address", case=case.id, route=route.name, reason=reason)
        return None

    async def _send(self, case: Case, route: Route, address: Address) -> None:
        now = self.clock.now()
        until, code = now + LIFE[route.address], "".join(secrets.choice("0123456789") for _ in range(DIGITS))
        row = SentCode(
            case=case.id,
            route=route.name,
            code_mac="",
            detail=detail_of(address, route.address),
            sent_at=now,
            until=until,
        )
        row.code_mac = self.keys.sign(facts(row, code))
        async with self.database.transaction() as session:
            held = await self.cases.locked(session, case.id)
            if held is None or CaseState(held.state).ended:
                return
            sent = await store.add(session, row)
        await self._hand_over(case, code, until, route.address, address)
        async with self.database.transaction() as session:
            await store.retire_older(session, case.id, route.name, sent, self.clock.now())
            await self.cases.audit.append(
                session,
                at=self.clock.now(),
                actor=None,
                action="code.sent",
                case=case.id,
                data={"route": route.name},
            )
        log.info("code-sent", case=case.id, route=route.name)

    async def _hand_over(self, case: Case, code: str, until: datetime, kind: str, address: Address) -> None:
        """When nobody knows whether it went out, the code stays good: only whoever got it can type it."""
        language = Language(case.language)
        if kind == "phone" and self.channels.sms is not None:
            await self.channels.sms.send(address.value, CodeText(case.id, code, until), language)
        elif kind == "mail" and self.channels.mail is not None:
            await self.channels.mail.send(address.value, CodeMail(case.id, code, until), language)


def unchanged_days(address: Address, today: date) -> int:
    """For how many days the address has stood there; less than none when nobody knows."""
    return -1 if address.changed is None else (today - address.changed).days


def is_work_mail(mailbox: str, owner: User) -> bool:
    """Whether this mailbox is lost together with the account: its own, or one of the same organisation."""
    domain = f".{_domain(mailbox)}"
    own = [f".{_domain(each)}" for each in (owner.upn, owner.mail) if each]
    return any(domain.endswith(each) or each.endswith(domain) for each in own)


def _domain(mailbox: str) -> str:
    return mailbox.rpartition("@")[2].casefold()


def detail_of(address: Address, kind: str) -> str:
    """What an approver may see of an address: a little of it, and since when it has stood there.

    ``··42, 2026-04-24``; ``s··@g··.com, 2026-04-24``.
    """
    value = address.value.reveal()
    if kind == "phone":
        shown = f"··{value[-2:]}"
    else:
        name, _, domain = value.rpartition("@")
        shown = f"{name[:1]}··@{domain[:1]}··.{domain.rpartition('.')[2]}"
    return f"{shown}, {address.changed.isoformat() if address.changed else '–'}"


def facts(row: SentCode, code: str) -> bytes:
    """What is signed of a code: it counts for its case, its route and what is told of its address alone."""
    until = row.until.isoformat(timespec="seconds")
    return json.dumps(["code", row.case, row.route, row.detail, until, code], separators=(",", ":")).encode()
