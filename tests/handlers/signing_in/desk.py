"""Support that has to sign in: the features of a case, with the real client of the emulated Entra before them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import func, select
from sqlmodel import col

from bot.oidc.building import client_of
from bot.sandbox.browser import sign_in
from bot.signin.client import CALLBACK, EntraSignIn
from handlers.approvals import Approvals
from handlers.approvals.by_link import Decided, Decisions
from handlers.departures import Departure
from handlers.messages import DecideLink, Language
from handlers.records import AuditRow, SupportLink
from handlers.signing_in.links import SupportLinks
from handlers.signing_in.purposes import Purpose
from handlers.signing_in.signing import NoSignIn, Signing
from handlers.signing_in.stepping import Stepping, StepUp
from handlers.store import signing_in as store
from tests.bot.signin.rig import CONTEXT, sign_in_at
from tests.handlers.rig import Rig

HOME: Final = "https://bot.fjordheim.example"
ADDRESS: Final = "192.0.2.7"
APPROVE: Final = "approvals.approve"
DENY: Final = "approvals.deny"


@dataclass
class Desk:
    """Everything, and what people do with it."""

    rig: Rig
    ours: EntraSignIn
    stepping: Stepping
    home: str = HOME
    links: SupportLinks = field(init=False)
    signing: Signing = field(init=False)
    decisions: Decisions = field(init=False)
    approvals: Approvals = field(init=False)

    def __post_init__(self) -> None:
        rig = self.rig
        stepping_up = bool(self.ours.authority.auth_context)
        self.links = SupportLinks(rig.database, rig.chats, self.stepping, rig.clock)
        self.signing = Signing(rig.database, self.ours, rig.cases.audit, rig.clock, stepping_up)
        self.decisions = Decisions(
            rig.database, rig.chats, rig.cases, rig.deciding, self.signing, self.links, rig.clock
        )
        self.approvals = Approvals(rig.people, rig.chats, rig.deciding, self.links, self.decisions, self.home)
        rig.entra.sign_ins.registration.redirect_uris.add(f"{self.home}{CALLBACK}")

    async def press(self, name: str, case: str, action: str = APPROVE) -> str | None:
        """Press a button of the card; the token of the link that was whispered, if one was."""
        before = len(self.offers(name))
        if action == APPROVE:
            await self.approvals.approve(self.rig.press(name, action, case))
        else:
            await self.rig.deny(name, case, approvals=self.approvals)
        new = self.offers(name)[before:]
        return new[0].url.rsplit("/", 1)[1] if new else None

    def offers(self, name: str) -> Sequence[DecideLink]:
        """The links that somebody was whispered, or shown in the place of a form."""
        form = self.rig.chat.form(self.rig.person(name))
        told = (*self.rig.chat.seen_by(self.rig.person(name)), *([form.data] if form else []))
        return [data for data in told if isinstance(data, DecideLink)]

    async def decide(self, token: str, as_whom: str) -> Decided | NoSignIn:
        """Use a link, and sign in as somebody."""
        departure = await self.decisions.depart(token, address=ADDRESS, language=Language.NB)
        return departure if isinstance(departure, NoSignIn) else await self.come_back(departure, as_whom)

    async def come_back(self, departure: Departure, as_whom: str) -> Decided | NoSignIn:
        """Sign in as somebody, and come back to decide."""
        query = await self.query(departure, as_whom)
        arrival = await self.signing.come_back(departure.cookie, query)
        return arrival if isinstance(arrival, NoSignIn) else await self.decisions.carry_out(arrival)

    async def query(self, departure: Departure, as_whom: str) -> list[tuple[str, str]]:
        """Sign in as somebody; what stands in the callback's address."""
        return parse_qsl(urlsplit(await sign_in(departure.address, self.rig.id(as_whom))).query)

    async def departs(self, purpose: Purpose = Purpose.AGENT) -> Departure:
        """Set out to sign in."""
        departure = await self.signing.depart(purpose, address=ADDRESS, language=Language.NB)
        assert isinstance(departure, Departure)
        return departure

    async def decides(self, name: str, case: str, action: str = APPROVE) -> None:
        """Press, and sign in as oneself if that is wanted."""
        token = await self.press(name, case, action)
        if token is not None:
            decided = await self.decide(token, name)
            assert isinstance(decided, Decided), decided
            assert decided.outcome == "done"

    async def link(self, name: str) -> SupportLink | None:
        """What somebody has proved."""
        async with self.rig.database.transaction() as session:
            return await store.link(session, self.rig.person(name))

    async def renames(self, name: str, email: str | None) -> None:
        """Somebody's address in the chat changes."""
        profile = await self.rig.chat.profile(self.rig.person(name))
        self.rig.chat.put(replace(profile, email=email))

    async def acts(self, action: str) -> int:
        """How often the audit tells of it."""
        async with self.rig.database.transaction() as session:
            query = select(func.count()).select_from(AuditRow).where(col(AuditRow.action) == action)
            return await session.scalar(query) or 0


@asynccontextmanager
async def desk_of(
    rig: Rig,
    step_up: StepUp = StepUp.WINDOW,
    *,
    minutes: int = 5,
    context: str = CONTEXT,
    home: str = HOME,
) -> AsyncIterator[Desk]:
    """Support with these settings."""
    async with client_of(rig.entra.ca_file) as client:
        ours = sign_in_at(rig.entra, client, context, home=home)
        yield Desk(rig, ours, Stepping(step_up, timedelta(minutes=minutes)), home)
