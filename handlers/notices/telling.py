"""Tells the owner of an account what has happened to it, by every address that is known besides chat."""

from dataclasses import dataclass

from graph.errors import NotFound
from graph.secret import Secret
from graph.users import Users
from handlers.messages import Language, NoticeMail, NoticeText
from handlers.notices.sending import Nobody
from handlers.ports import Channels, Clock
from handlers.records import Case, Notice
from handlers.states import CaseState
from handlers.store import not_me
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.notices import Channel


@dataclass(frozen=True)
class Telling:
    """Addresses are read anew, and kept nowhere. Every notice has a link of its own that says "it wasn't me"."""

    database: Database
    users: Users
    cases: Cases
    channels: Channels
    clock: Clock
    public_url: str

    async def send(self, notice: Notice) -> None:
        """One notice by its channel. Raises what ``Sending`` knows."""
        async with self.database.reading() as session:
            case = await self.cases.get(session, notice.case or "")
        if case is None:
            raise Nobody
        try:
            to = await self._address(case, Channel(notice.channel))
        except NotFound:
            raise Nobody from None
        if to is None:
            raise Nobody
        state, language = CaseState(notice.kind), Language(case.language)
        if notice.channel == Channel.PHONE:
            if self.channels.sms is None:
                raise Nobody
            await self.channels.sms.send(to, NoticeText(case.id, state, await self._link(case)), language)
        else:
            if self.channels.mail is None:
                raise Nobody
            told = NoticeMail(case.id, state, notice.at, await self._link(case))
            await self.channels.mail.send(to, told, language)

    async def _address(self, case: Case, channel: Channel) -> Secret | None:
        if channel is Channel.WORK_MAIL:
            owner = await self.users.get(case.target)
            return Secret(owner.mail) if owner.mail else None
        contact = await self.channels.contacts.of(case.target)
        held = contact.phone if channel is Channel.PHONE else contact.mail
        return held.value if held is not None else None

    async def _link(self, case: Case) -> str:
        """Made now, so that nothing at rest can say it for the owner. It leads to us, whoever asked."""
        async with self.database.transaction() as session:
            token = await not_me.new_link(session, case.id, self.clock.now())
        return f"{self.public_url}/not-me/{token}"
