"""The bot's own page in somebody's chat: where they stand, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from graph.errors import Ambiguous, GraphError
from graph.methods import Kind, Method
from handlers.accounts import Directory
from handlers.events import Opened, Person
from handlers.messages import Data, Home, NotServed
from handlers.people import Known, People
from handlers.ports import ChatError, Clock, Unreachable
from handlers.readiness import Missing, missing
from handlers.rollout import plan
from handlers.store.database import Database
from handlers.store.errors import StoreError

log = structlog.get_logger(__name__)

FRESH: Final = timedelta(minutes=1)
"""How long what was looked up for a page is shown without another look."""
_NOT_TOLD: Final = frozenset({Kind.PASSWORD, Kind.PASS})


@dataclass(frozen=True)
class _Built:
    """A page, and when it was looked up; none while that goes on."""

    at: datetime
    data: Data | None = None


@dataclass
class Homes:
    """Builds a page when its owner looks at it; one younger than a minute stands as it is.

    That holds within this process: each replica may build one of its own.
    """

    database: Database
    people: People
    directory: Directory
    clock: Clock
    zone: ZoneInfo
    own_telecom: bool
    _built: dict[Person, _Built] = field(default_factory=dict)

    async def opened(self, event: Opened) -> None:
        """Somebody looks at their page."""
        if self._fresh(event.person) is None:
            await self._build(event.person)

    async def spoken(self, known: Known) -> None:
        """Show the page again in the language that its owner has chosen; what it tells is not looked up anew."""
        built = self._fresh(known.person)
        if built is not None and isinstance(built.data, Home):
            data = replace(built.data, language=known.language)
            self._built[known.person] = replace(built, data=data)
            await self._show(known, data)
        else:
            await self._build(known.person)

    def forget(self, person: Person) -> None:
        """What the page says is not right any more: the next look builds it."""
        self._built.pop(person, None)

    def _fresh(self, person: Person) -> _Built | None:
        now = self.clock.now()
        self._built = {
            who: built for who, built in self._built.items() if timedelta() <= now - built.at < FRESH
        }
        return self._built.get(person)

    async def _build(self, person: Person) -> None:
        """Noted before it is looked up, so that looks that come together build one page; taken back if it fails."""
        began = self._built[person] = _Built(self.clock.now())
        try:
            known = await self.people.known(person)
            data = await self._data(known)
            if data is not None:
                await self._show(known, data)
        except (ChatError, StoreError):
            self.forget(person)
            raise
        if self._built.get(person) is began:
            self._built[person] = replace(began, data=data)

    async def _show(self, known: Known, data: Data) -> None:
        try:
            await self.people.chats.of(known.person.platform).home(known.person, data, known.language)
        except Unreachable as error:
            log.warning("home-off", platform=known.person.platform, reason=str(error))

    async def _data(self, known: Known) -> Data | None:
        refusal = known.profile.refusal
        if refusal is not None:
            return NotServed(refusal) if refusal in ("guest", "other-workspace") else None
        today = self.clock.now().astimezone(self.zone).date()
        day = await self._activation_day(known.account)
        page = Home(known.language, "unknown", day, is_past=day is not None and day <= today)
        methods = await self._methods(known)
        if methods is None:
            return page
        if known.account is None:
            return replace(page, missing="no-account")
        return self._seen(page, methods, max(day or today, today))

    def _seen(self, page: Home, methods: Sequence[Method], day: date) -> Home:
        kinds = dict.fromkeys(str(method.kind) for method in methods if method.kind not in _NOT_TOLD)
        return replace(
            page,
            missing=str(missing(methods, day, own_telecom=self.own_telecom)),
            methods=tuple(kinds),
            spare=has_spare(methods, day, own_telecom=self.own_telecom),
        )

    async def _activation_day(self, account: str | None) -> date | None:
        if account is None:
            return None
        async with self.database.reading() as session:
            planned = await plan.entry(session, account)
        return planned.activation_day if planned else None

    async def _methods(self, known: Known) -> Sequence[Method] | None:
        """The methods of the account, none when there is no account; nothing at all when Graph does not answer."""
        try:
            if known.account is not None:
                return await self.directory.methods.list(known.account)
            if known.flagged is None and known.profile.email is not None:
                await self.directory.users.find(known.profile.email)
        except Ambiguous:
            return ()
        except GraphError as error:
            log.warning("home-unknown", status=error.status)
            return None
        return ()


def has_spare(methods: Sequence[Method], day: date, *, own_telecom: bool) -> bool:
    """Whether the account is ready on that day without any one of its methods, whichever is lost."""
    return bool(methods) and all(
        missing((other for other in methods if other is not lost), day, own_telecom=own_telecom)
        is Missing.NOTHING
        for lost in methods
    )
