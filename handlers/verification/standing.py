"""How an account stands now: its class from the directory, and the signs from there and from our records."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

import structlog

from graph.errors import GraphError
from graph.methods import Kind
from graph.together import together
from handlers.accounts import Accounts, Looked
from handlers.ports import Clock, Contacts, ContactsUnavailable
from handlers.rollout.when import Calendar
from handlers.store import history
from handlers.store.database import Database
from handlers.store.history import History
from handlers.verification import policy

log = structlog.get_logger(__name__)

_NO_MEANS = frozenset({Kind.PASSWORD, Kind.PASS})
"""Methods that tell nothing here: the password is a sign of its own, and a pass comes from us."""


@dataclass(frozen=True)
class Stands:
    """How an account stands, and what that was read from."""

    standing: policy.Standing
    looked: Looked
    past: History
    last_sign_in: datetime | None = None
    """Where it was read: no rule asks for it."""


@dataclass(frozen=True)
class Standings:
    """Reads live, at the opening of a case, at each approval and when a pass is shown. Keeps nothing."""

    database: Database
    accounts: Accounts
    clock: Clock
    rules: policy.Rules
    calendar: Calendar
    """When support is at work."""
    contacts: Contacts | None = None
    """Where private addresses are held, if anywhere."""

    async def of(self, account: str) -> Stands:
        """Everything about an account. Raises ``GraphError`` when the account itself cannot be read."""
        async with together() as group:
            looking = group.create_task(self.accounts.look(account))
            asking = group.create_task(self._contacts_changed(account))
        looked, now = looking.result(), self.clock.now()
        async with self.database.reading() as session:
            past = await history.of_account(session, account, now - self.rules.cases_window)
            issued = await history.issued_since(session, self.midnight(now))
        signs = policy.Signs(
            password_changed=looked.user.password_changed if looked.user else None,
            methods_added=_added(looked),
            links_seen=_links_seen(past),
            contacts_changed=asking.result(),
            chat_email_differs=_chat_email_differs(looked, past),
            earlier_cases=past.earlier_cases,
            issued_today=issued,
            daily_cap=await self._cap(issued),
        )
        return Stands(policy.standing(looked.classified, signs, now, self.rules), looked, past)

    async def _contacts_changed(self, account: str) -> tuple[datetime | None, ...] | None:
        """Nothing when it could not be read: the sign is then unknown, and says so."""
        if self.contacts is None:
            return ()
        try:
            found = await self.contacts.of(account)
        except (GraphError, ContactsUnavailable) as error:
            log.warning("contacts-unknown", account=account, error=type(error).__name__)
            return None
        days = [address.changed for address in (found.phone, found.mail) if address is not None]
        return tuple(None if day is None else datetime.combine(day, time(), UTC) for day in days)

    async def with_last_sign_in(self, account: str) -> Stands:
        """The same for an approver to read: with the latest sign-in, if Graph tells."""
        async with together() as group:
            standing = group.create_task(self.of(account))
            latest = group.create_task(self._last_sign_in(account))
        return replace(standing.result(), last_sign_in=latest.result())

    async def _last_sign_in(self, account: str) -> datetime | None:
        try:
            return await self.accounts.directory.users.last_sign_in(account)
        except GraphError as error:
            log.info("last-sign-in-unknown", status=error.status)
            return None

    async def _cap(self, issued: int) -> int | None:
        """How many passes may come in a day. The accounts are counted only on a day on which it matters."""
        if issued < self.rules.daily_cap:
            return self.rules.daily_cap
        try:
            return self.rules.cap(await self.accounts.directory.users.count_members())
        except GraphError as error:
            log.warning("members-unknown", status=error.status)
            return None

    def midnight(self, now: datetime) -> datetime:
        """When the day of ``now`` began where support works."""
        return datetime.combine(self.calendar.today(now), time(), self.calendar.zone).astimezone(UTC)


def _added(looked: Looked) -> tuple[datetime | None, ...] | None:
    if looked.methods is None:
        return None
    return tuple(method.created for method in looked.methods if method.kind not in _NO_MEANS)


def _links_seen(past: History) -> tuple[datetime, ...] | None:
    """Only where the case was begun in chat; then there must be a link."""
    if not past.in_chat:
        return ()
    return tuple(link.first_seen for link in past.links) or None


def _chat_email_differs(looked: Looked, past: History) -> bool | None:
    if not past.in_chat:
        return False
    if not past.links or looked.user is None:
        return None
    addresses = looked.user.addresses
    return any(link.flagged is not None or link.email.casefold() not in addresses for link in past.links)
