"""Builds everything: the one place where clients meet features. Importing it has no effect."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from pydantic import SecretBytes
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bot.delivery import Delivery
from bot.guide import TEMPLATES, phrasings, words_of
from bot.microsoft import directory_of
from bot.plan import calendar_of
from bot.render.ageing import ageing
from bot.render.html import Pages
from bot.render.words import Words
from bot.schedule import Schedule
from bot.settings import Settings
from bot.slack.chat import SlackChat
from bot.slack.client import web_client
from bot.slack.edge import SlackEdge
from bot.web.guard import Headed
from bot.web.health import Health
from bot.web.pages import CaseWeb
from bot.worker import Bell, Inbox, Loop
from handlers.accounts import Accounts, Directory
from handlers.approvals import Approvals
from handlers.cards import Cards, SupportChannel
from handlers.events import Place
from handlers.passes import Follow, Issue
from handlers.people import People
from handlers.ports import Chats, Clock, SupportIdentity
from handlers.questions.feature import Questions
from handlers.questions.matching import Matcher
from handlers.reminders import Reminders
from handlers.rollout.remind import Remind
from handlers.router import Extra, Router
from handlers.stops import Stops
from handlers.store import inbox, limits
from handlers.store.audit import Audit
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import AuditKeys, EvidenceKeys
from handlers.verification.desk import Desk

log = structlog.get_logger(__name__)

_PATIENCE: Final = 10.0
"""Seconds that a stop gives to what is under way."""


@dataclass(frozen=True)
class Support:
    """What proves who somebody at support is, and the features that come with it."""

    identity: SupportIdentity
    extras: tuple[Extra, ...] = ()


@dataclass(frozen=True)
class Parts:
    """What the features are made of, for whoever hands in ``Support``."""

    database: Database
    chats: Chats
    people: People
    directory: Directory
    accounts: Accounts
    desk: Desk
    clock: Clock


SupportFactory = Callable[[Parts], Support]


@asynccontextmanager
async def running(
    settings: Settings, clock: Clock, support: SupportFactory | None = None
) -> AsyncIterator[Starlette]:
    """The bot at work, and the web application it answers with; at the end it stops gracefully.

    Without ``support`` nobody can prove to be an agent or an approver, so no pass is ever issued.
    Raises ``StoreError``, ``SlackRefused`` or ``BrokenTemplate`` when it cannot start.
    """
    async with AsyncExitStack() as stack:
        database = Database.open(settings.storage.url.get_secret_value())
        stack.push_async_callback(database.close)
        await database.check_schema()
        directory = await stack.enter_async_context(directory_of(settings))
        words = words_of(settings)
        for notice in ageing(TEMPLATES, clock.now().date()):
            log.warning("fact-ages", notice=notice)
        slack = settings.slack
        client = await stack.enter_async_context(
            web_client(slack.api_url, slack.bot_token.get_secret_value(), settings.http.ca_file)
        )
        chats = Chats((SlackChat(client, words, slack.workspace_ids),))
        features = _Features.build(settings, clock, database, directory, chats, words, support)
        await check_chain(database, features.audit)
        await features.remind.drop_stale(clock.now())
        owner = f"bot-{secrets.token_hex(4)}"
        arrived, outgoing = Bell(), Bell()
        work = Inbox(database, clock, owner, arrived, outgoing, features.router.handle)
        edge = SlackEdge(slack, client, work.receive, arrived.ring)
        loops = (
            *work.loops(),
            Loop("outbox", Delivery(database, chats, clock, owner).step, outgoing, every=0.5),
        )
        schedule = _schedule(database, features, clock, outgoing)
        health = Health(database, edge.ready)
        stack.push_async_callback(partial(_stop, edge, health, schedule, loops))
        for loop in loops:
            loop.start()
        schedule.start()
        await edge.start()
        if support is None:
            log.warning(
                "issuing-off",
                why="no way is set up by which agents and approvers prove who they are; no pass is issued",
            )
        yield Starlette(
            routes=[*edge.routes(), *features.web.routes(), *health.routes()],
            middleware=[Middleware(Headed, secure=settings.web.public_url.startswith("https:"))],
        )


@dataclass(frozen=True)
class _Features:
    router: Router
    audit: Audit
    web: CaseWeb
    follow: Follow
    remind: Remind

    @classmethod
    def build(
        cls,
        settings: Settings,
        clock: Clock,
        database: Database,
        directory: Directory,
        chats: Chats,
        words: Words,
        support: SupportFactory | None,
    ) -> "_Features":
        audit = Audit(AuditKeys(_keys(settings.secrets.audit_key)))
        cases = Cases(audit)
        keys = EvidenceKeys(_keys(settings.secrets.evidence_key))
        people = People(database, chats, directory.users, clock)
        accounts = Accounts(
            directory, settings.approval.group or None, settings.verification.agents_group or None
        )
        cards = Cards(_support_channel(settings), keys)
        desk = Desk(database, accounts, cases, cards, keys, clock)
        given = support(Parts(database, chats, people, directory, accounts, desk, clock)) if support else None
        issue = Issue(
            database,
            accounts,
            cases,
            cards,
            keys,
            clock,
            timedelta(minutes=settings.passes.lifetime_minutes),
        )
        own_telecom = settings.organisation.own_telecom
        router = Router(
            questions=Questions(database, people, Matcher(phrasings(TEMPLATES)), clock),
            approvals=Approvals(
                database=database,
                people=people,
                chats=chats,
                accounts=accounts,
                cases=cases,
                cards=cards,
                keys=keys,
                clock=clock,
                identity=given.identity if given else None,
                show_within=timedelta(hours=settings.passes.show_within_hours),
            ),
            stops=Stops(database, people, cases, issue),
            reminders=Reminders(database, people, directory, clock, own_telecom),
            extras=given.extras if given else (),
        )
        web = CaseWeb(
            pages=Pages(words, TEMPLATES / "web"),
            desk=desk,
            passes=issue,
            public_url=settings.web.public_url,
            trusted_proxies=settings.web.trusted_proxies,
            style=TEMPLATES / "web" / "site.css",
        )
        return cls(
            router=router,
            audit=audit,
            web=web,
            follow=Follow(database, directory, cases, cards),
            remind=Remind(
                database,
                directory,
                chats,
                calendar_of(settings),
                settings.rollout.offsets,
                own_telecom,
                settings.organisation.language,
            ),
        )


def _schedule(database: Database, features: _Features, clock: Clock, outgoing: Bell) -> Schedule:
    schedule = Schedule()

    async def plan() -> None:
        await features.remind.tick(clock.now())
        outgoing.ring()

    async def follow() -> None:
        await features.follow.tick(clock.now())
        outgoing.ring()

    async def sweep() -> None:
        await features.follow.sweep(clock.now())
        outgoing.ring()

    async def purge() -> None:
        async with database.transaction() as session:
            await inbox.purge(session, clock.now())
            await limits.purge(session, clock.now())

    schedule.every(3, "plan", plan)
    schedule.every(2, "follow", follow)
    schedule.every(5, "sweep", sweep)
    schedule.every(3600, "purge", purge)
    schedule.every(24 * 3600, "audit", partial(check_chain, database, features.audit))
    return schedule


async def check_chain(database: Database, audit: Audit) -> None:
    """Walk the audit chain; a break is marked, and stops issuing until a named person accepts it."""
    async with database.reading() as session:
        verdict = await audit.verify(session)
    if not verdict.ok:
        log.critical("audit-broken", row=verdict.bad_seq, problem=str(verdict.problem))
        async with database.transaction() as session:
            await audit.mark(session, verdict)


async def _stop(edge: SlackEdge, health: Health, schedule: Schedule, loops: tuple[Loop, ...]) -> None:
    """Take nothing new, let what is under way end, then let go (APScheduler's own stop would cancel it)."""
    health.draining = True
    await edge.stop(_PATIENCE)
    schedule.pause()
    if not await schedule.idle(_PATIENCE):
        log.warning("tick-cut-short")
    for loop in loops:
        if not await loop.stop(_PATIENCE):
            log.warning("loop-cut-short", loop=loop.name)
    schedule.stop()


def _keys(listed: tuple[SecretBytes, ...]) -> tuple[bytes, ...]:
    return tuple(key.get_secret_value() for key in listed)


def _support_channel(settings: Settings) -> SupportChannel:
    slack = settings.slack
    place = Place("slack", slack.support_channel)
    return SupportChannel(slack.workspace_ids[0], place, settings.organisation.language)
