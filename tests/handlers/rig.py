"""The features of a case, put together as in the product, with an emulated Entra and a chat in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from bot.delivery import Delivery
from bot.sandbox.entra import EntraEmulator, Recorded
from bot.sandbox.world import AGENTS, APPROVERS, FJORDHEIM, RECTORATE, SECURITY, Resident
from bot.sandbox.world import Kind as ResidentKind
from graph.audits import Audits
from graph.client import GraphClient
from graph.clouds import scope_for
from graph.groups import Groups
from graph.methods import Methods
from graph.passes import Passes
from graph.photos import Photos
from graph.reports import Reports
from graph.roles import Roles
from graph.secret import Secret
from graph.skew import ClockWatch
from graph.tokens import ClientSecret, Tokens
from graph.users import Users
from handlers.accounts import Accounts, Directory
from handlers.approvals import Approvals, Deciding
from handlers.cards import Cards
from handlers.events import Person, Place, Pressed, Submitted
from handlers.messages import ApprovalCard, CaseNews, Language, NotAllowed, all_messages, name_of
from handlers.notices import Disowning
from handlers.passes import Follow, Issue, Removing
from handlers.people import People
from handlers.ports import Chats, Profile
from handlers.records import AuditRow, Case
from handlers.rollout.when import Calendar
from handlers.states import CaseState
from handlers.store.alarms import Alarms
from handlers.store.audit import Audit
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import AuditKeys, EvidenceKeys
from handlers.store.notices import SECURITY as SECURITY_CHANNELS
from handlers.store.notices import Channel, Fan
from handlers.support import SupportChannel, SupportChannels
from handlers.verification import policy
from handlers.verification.browsers import Claimed
from handlers.verification.proving import Proving
from handlers.verification.seen import Agents, Claiming, Code, Desk, Giving, Vouching
from handlers.verification.standing import Standings
from tests.memory_chat import Form, MemoryChat

NOW: Final = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
SUPPORT: Final = Place("slack", "C0SUPPORT")
TEAMS_SUPPORT: Final = Place("teams", "19:support00@thread.tacv2")

NORA: Final = "Nora Lindqvist"
"""A student without any method."""
EMIL: Final = "Emil Aasen"
"""A student with an authenticator, which is lost."""
JONAS: Final = "Jonas Lien"
HAKON: Final = "Håkon Øvrebø"
"""Agents."""
INGRID: Final = "Ingrid Solbakken"
TOMASZ: Final = "Tomasz Nowak"
"""Approvers; the second through a group within the group."""
MARET: Final = "Máret Utsi"
"""Agent and approver."""

CHECKS: Final = ("photo-id", "face", "name")
PASSPORT: Final = "passport"
"""What an agent has seen at the desk."""

FORMS: Final = frozenset(
    action.name
    for message in all_messages()
    for example in message.examples()
    for action in example.actions
    if action.opens_form
)
"""The buttons that say that a form comes of them."""
_LOCALES: Final = {Language.EN: "en-GB", Language.NB: "nb-NO", Language.NN: "nn-NO"}
_NUMBERS: Final = count(1)


@dataclass
class HandClock:
    """Stands still until a test moves it."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


@dataclass
class SignedIn:
    """Who at support has proved which account: everybody their own, save those in ``unproved``."""

    unproved: set[Person] = field(default_factory=set)

    async def account(self, person: Person) -> str | None:
        if person in self.unproved:
            return None
        if (person.platform, person.tenant) == ("teams", FJORDHEIM.tenant_id):
            return person.user
        if person.tenant != FJORDHEIM.slack_workspace:
            return None
        return FJORDHEIM.by_slack_id(person.user).object_id

    async def deciding(self, person: Person) -> str | None:
        return await self.account(person)


@dataclass
class Rig:
    """All the parts, and what people do with them."""

    folder: Path
    database: Database
    clock: HandClock
    entra: EntraEmulator
    chat: MemoryChat
    directory: Directory
    identity: SignedIn
    graph: GraphClient
    teams: MemoryChat | None = None
    """The second chat, where both are on."""

    def __post_init__(self) -> None:
        self.keys = EvidenceKeys([b"e" * 32])
        self.cases = Cases(Audit(AuditKeys([b"a" * 32])), Alarms(SECURITY_CHANNELS), Fan(frozenset(Channel)))
        self.chats = Chats((self.chat, self.teams) if self.teams else (self.chat,))
        self.people = People(self.database, self.chats, self.directory.users, self.clock)
        self.accounts = Accounts(
            self.directory,
            FJORDHEIM.group(APPROVERS).object_id,
            FJORDHEIM.group(AGENTS).object_id,
            (FJORDHEIM.group(RECTORATE).object_id,),
            (FJORDHEIM.group(SECURITY).object_id,),
        )
        self.channels = SupportChannels(SupportChannel(FJORDHEIM.slack_workspace, SUPPORT, Language.NB))
        if self.teams is not None:
            beside = SupportChannel(FJORDHEIM.tenant_id, TEAMS_SUPPORT, Language.NB, overheard=False)
            self.channels = SupportChannels(self.channels.first, (beside,))
        self.cards = Cards(self.channels, self.keys)
        self.standings = Standings(
            self.database, self.accounts, self.clock, policy.DEFAULT_RULES, Calendar.norwegian()
        )
        self.proving = Proving(self.cases, self.cards, self.keys, self.standings)
        agents, giving = Agents(self.accounts), Giving(self.cases, self.keys)
        calendar = Calendar.norwegian()
        self.desk = Desk(
            self.database,
            self.accounts,
            agents,
            self.cases,
            self.cards,
            giving,
            self.clock,
            policy.DEFAULT_RULES,
            calendar,
        )
        self.claiming = Claiming(
            self.database,
            self.accounts,
            self.cases,
            self.proving,
            self.keys,
            self.clock,
            policy.DEFAULT_RULES,
        )
        self.vouching = Vouching(
            self.database,
            self.accounts,
            agents,
            self.people,
            self.chats,
            self.cases,
            giving,
            self.clock,
            policy.DEFAULT_RULES,
            calendar,
            "https://bot.fjordheim.example",
        )
        self.issue = Issue(
            self.database,
            self.accounts,
            self.cases,
            self.cards,
            self.keys,
            self.clock,
            timedelta(minutes=30),
            self.standings,
        )
        self.disowning = Disowning(self.issue)
        self.removing = Removing(self.database, self.cases, self.directory.methods, self.people, self.clock)
        self.follow = Follow(self.database, self.directory, self.cases, self.cards)
        self.delivery = Delivery(self.database, self.chats, self.clock, "rig")
        self.deciding = Deciding(
            self.database,
            self.accounts,
            self.cases,
            self.cards,
            self.keys,
            self.clock,
            timedelta(hours=24),
            self.standings,
        )
        self.approvals = Approvals(self.people, self.chats, self.deciding, self.identity)

    # Who is who.

    def id(self, name: str) -> str:
        """The object id of somebody's account."""
        return FJORDHEIM.named(name).object_id

    def person(self, name: str, on: str = "slack") -> Person:
        """Somebody in chat."""
        resident = FJORDHEIM.named(name)
        return person_of(resident) if on == "slack" else in_teams(resident)

    def chat_on(self, platform: str) -> MemoryChat:
        """The chat of a platform."""
        [chat] = [each for each in (self.chat, self.teams) if each is not None and each.platform == platform]
        return chat

    # What people do.

    async def opened(self, name: str = NORA, agent: str = JONAS) -> Case:
        """An agent opens a case."""
        case = await self.desk.open(self.id(agent), FJORDHEIM.named(name).upn)
        assert isinstance(case, Case), case
        return case

    async def code(self, case: Case, agent: str = JONAS) -> str:
        """The agent has seen the requester, and reads out a claim code."""
        code = await self.desk.seen(self.id(agent), case.id, "desk", CHECKS, [PASSPORT])
        assert isinstance(code, Code), code
        return code.code

    async def claimed(self, code: str, browser: str | None = None) -> Claimed:
        """The requester types the code."""
        claimed = await self.claiming.claim(code, address="192.0.2.7", browser=browser)
        assert isinstance(claimed, Claimed), claimed
        return claimed

    async def verified(self, name: str = NORA, agent: str = JONAS) -> Claimed:
        """A case whose requester was seen, and the browser that is bound to it."""
        return await self.claimed(await self.code(await self.opened(name, agent), agent))

    async def approved(self, name: str = NORA, agent: str = JONAS, approver: str = INGRID) -> Claimed:
        """The same, approved."""
        claimed = await self.verified(name, agent)
        await self.approvals.approve(self.press(approver, "approvals.approve", claimed.case.id))
        case = await self.case(claimed.case.id)
        assert case.state == "approved", self.refusals(approver)
        return Claimed(case, claimed.browser)

    async def cancelled(self, case: Case) -> None:
        """A case that is over, for no reason that has consequences."""
        async with self.database.transaction() as session:
            before = CaseState((await self.cases.locked(session, case.id) or case).state)
            assert await self.cases.move(
                session, case.id, before, CaseState.CANCELLED, now=self.clock.now(), actor=None
            )

    def press(self, name: str, action: str, record: str, on: str = "slack") -> Pressed:
        """A press in the support channel."""
        person, place = self.person(name, on), SUPPORT if on == "slack" else TEAMS_SUPPORT
        opener = self.opener(name, action, on)
        return Pressed(f"press-{next(_NUMBERS)}", person, place, action, record, opener)

    def opener(self, name: str, action: str, on: str = "slack") -> str | None:
        """What a form can be opened with, if the button says that one comes of it."""
        return self.chat_on(on).opener(self.person(name, on)) if action in FORMS else None

    async def deny(
        self, name: str, case_id: str, reason: str = "other", approvals: Approvals | None = None
    ) -> None:
        """Somebody presses Turn down, and says why if they are asked."""
        feature = approvals or self.approvals
        person = self.person(name)
        self.chat.close_form(person)
        await feature.deny(self.press(name, "approvals.deny", case_id))
        if (form := self.chat.form(person)) is not None:
            await feature.denied(self.submitted(name, form, {"reason": reason}))

    def submitted(self, name: str, form: Form, values: dict[str, str], on: str = "slack") -> Submitted:
        """Somebody sends in the form in front of them."""
        number, data = next(_NUMBERS), form.data
        return Submitted(
            f"form-{number}", self.person(name, on), name_of(type(data)), data.record, form.opener, values
        )

    async def delivered(self) -> None:
        """Everything that is due goes out."""
        while await self.delivery.step():
            pass

    # What there is to see.

    async def case(self, case_id: str) -> Case:
        """The case as it stands."""
        async with self.database.transaction() as session:
            case = await self.cases.get(session, case_id)
        assert case is not None
        return case

    async def state(self, case: Case) -> str:
        """The state of the case as it stands."""
        return (await self.case(case.id)).state

    async def until(self, case: Case, state: CaseState) -> Case:
        """Wait until the case stands there."""
        async with asyncio.timeout(10):
            while (found := await self.case(case.id)).state != state:
                pass
        return found

    async def acts(self, case: Case) -> Sequence[str]:
        """What the audit tells of the case."""
        async with self.database.transaction() as session:
            rows = await session.scalars(
                select(col(AuditRow.action)).where(col(AuditRow.case) == case.id).order_by(col(AuditRow.seq))
            )
            return list(rows)

    def refusals(self, name: str) -> Sequence[str]:
        """Why somebody was told no, in private or in the form in front of them."""
        form = self.chat.form(self.person(name))
        told = (*self.chat.seen_by(self.person(name)), *([form.data] if form else []))
        return [data.reason for data in told if isinstance(data, NotAllowed)]

    def card(self, on: str = "slack") -> ApprovalCard:
        """The one card that stands in the support channel."""
        place = SUPPORT if on == "slack" else TEAMS_SUPPORT
        cards = [s.data for s in self.chat_on(on).standing(place) if isinstance(s.data, ApprovalCard)]
        assert len(cards) == 1
        return cards[0]

    def news(self, name: str) -> Sequence[str]:
        """The states that the owner was told of, in order."""
        return [data.state for data in self.chat.seen_by(self.person(name)) if isinstance(data, CaseNews)]

    @property
    def creates(self) -> Sequence[Recorded]:
        """The requests to make a pass that reached Graph."""
        return self.entra.sent("POST", "/temporaryAccessPassMethods")

    def has_pass(self, name: str = NORA) -> bool:
        """Whether the account has a pass now."""
        return self.entra.tenant.account(self.id(name)).access_pass is not None


def person_of(resident: Resident) -> Person:
    """A resident in Slack."""
    assert resident.slack_id is not None
    return Person("slack", FJORDHEIM.slack_workspace, resident.slack_id)


def in_teams(resident: Resident) -> Person:
    """A resident in Teams."""
    return Person("teams", FJORDHEIM.tenant_id, resident.object_id)


def teams_chat() -> MemoryChat:
    """Everybody of the organisation in Teams, which signs them in and tells no address."""
    told = [
        Profile(in_teams(each), each.name, None, _LOCALES[each.language], None, None, each.object_id)
        for each in FJORDHEIM.residents
    ]
    return MemoryChat(told, platform="teams", channels=(TEAMS_SUPPORT.conversation,))


def profile_of(resident: Resident) -> Profile:
    """What Slack says of a resident."""
    refusal = "guest" if resident.kind is ResidentKind.GUEST else None
    return Profile(
        person_of(resident),
        resident.name,
        resident.mail,
        _LOCALES[resident.language],
        "Europe/Oslo",
        refusal,
    )


async def no_wait(_: float) -> None:
    """Takes no time."""


@asynccontextmanager
async def opened_rig(url: str, folder: Path, teams: MemoryChat | None = None) -> AsyncIterator[Rig]:
    """Everything up and running; with the second chat, where there is to be one."""
    async with AsyncExitStack() as stack:
        clock = HandClock()
        entra = await stack.enter_async_context(EntraEmulator(FJORDHEIM, clock, folder))
        yield await rig_at(stack, url, folder, clock, entra, teams)


async def rig_at(
    stack: AsyncExitStack,
    url: str,
    folder: Path,
    clock: HandClock,
    entra: EntraEmulator,
    teams: MemoryChat | None = None,
) -> Rig:
    """One replica: its parts are its own, the database and Entra are whoever's they are."""
    database = Database.open(url)
    stack.push_async_callback(database.close)
    tokens = Tokens(
        authority_url=entra.authority_url,
        tenant_id=entra.tenant_id,
        client_id=entra.client_id,
        credential=ClientSecret(Secret(entra.client_secret)),
        scope=scope_for(entra.graph_url),
        ca_file=entra.ca_file,
    )
    stack.push_async_callback(tokens.aclose)
    watch = ClockWatch(clock.now)
    client = await stack.enter_async_context(
        GraphClient(entra.graph_url, tokens, ca_file=entra.ca_file, sleep=no_wait, watch=watch)
    )
    directory = Directory(
        Users(client),
        Groups(client),
        Roles(client),
        Methods(client),
        Passes(client),
        Photos(client),
        Audits(client),
        Reports(client),
        watch,
    )
    in_chat = [profile_of(resident) for resident in FJORDHEIM.residents if resident.slack_id]
    return Rig(folder, database, clock, entra, MemoryChat(in_chat), directory, SignedIn(), client, teams)
