"""Builds everything, and runs it. Importing it has no effect."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bot.app import weakening
from bot.app.edges import platforms_of
from bot.app.features import Features
from bot.app.installing import installer_of
from bot.app.signing import warn
from bot.app.telling import loops_of
from bot.app.ticks import check_chain, schedule_of
from bot.delivery import Delivery
from bot.eid.building import eids_of
from bot.gateways.building import gateways_of
from bot.guide import words_of
from bot.microsoft import directory_on, graph_of
from bot.platforms import Edge
from bot.reader import reader_of
from bot.render.ageing import ageing
from bot.schedule import Schedule
from bot.settings import Settings
from bot.signin.building import sign_in_of
from bot.web.guard import Headed
from bot.web.health import Health
from bot.worker import Bell, Inbox, Loop
from graph.mail import Mails
from graph.skew import ClockWatch
from handlers.ports import Clock
from handlers.store.bells import Queue
from handlers.store.database import Database

__all__ = ["running"]

log = structlog.get_logger(__name__)

_PATIENCE: Final = 10.0
"""Seconds that a stop gives to what is under way."""


@asynccontextmanager
async def running(settings: Settings, clock: Clock) -> AsyncIterator[Starlette]:
    """The bot at work, and the web application it answers with; at the end it stops gracefully.

    Without ``signin`` nobody can prove to be an agent or an approver, so no pass is ever issued.
    Raises ``StoreError``, ``PlatformRefused`` or ``BrokenTemplate`` when it cannot start.
    """
    async with AsyncExitStack() as stack:
        database = Database.open(settings.storage.url.get_secret_value())
        stack.push_async_callback(database.close)
        await database.check_schema()
        watch = ClockWatch(clock.now)
        graph = await stack.enter_async_context(graph_of(settings, watch=watch))
        directory = directory_on(graph, watch)
        words = words_of(settings)
        for notice in ageing(words.dated(), clock.now().date()):
            log.warning("fact-ages", notice=notice)
        weaker = list(weakening.weaker(settings))
        weakening.warn([*weaker, *weakening.unwoken(settings)])
        installer = installer_of(settings, graph, database, clock)
        platforms = await stack.enter_async_context(
            platforms_of(settings, words, directory.users, database, clock, installer)
        )
        chats = platforms.chats
        eids = await stack.enter_async_context(eids_of(settings, directory.users))
        reader = await stack.enter_async_context(reader_of(settings))
        mails = Mails(graph)
        channels = await stack.enter_async_context(
            gateways_of(settings, directory.users, mails, words, clock)
        )
        sign_in = await stack.enter_async_context(sign_in_of(settings))
        features = Features.build(
            settings, clock, database, directory, chats, words, eids, reader, channels, sign_in
        )
        await check_chain(database, features.cases, clock)
        await features.announcing.started(weakening.fingerprint(settings), weaker)
        await features.remind.drop_stale(clock.now())
        owner = f"bot-{secrets.token_hex(4)}"
        arrived, outgoing = Bell(), Bell()
        database.bells.on_commit(Queue.OUTBOX, outgoing.ring)
        work = Inbox(database, clock, owner, arrived, features.router.handle)
        edges = platforms.edges(work, features)
        loops = (
            *work.loops(),
            Loop("outbox", Delivery(database, chats, clock, owner).step, outgoing, every=1),
            *loops_of(settings, database, directory, features.cases, channels, clock, owner),
        )
        schedule = schedule_of(settings, database, features, clock)
        health = Health(database, [edge.ready for edge in edges])
        stack.push_async_callback(partial(_stop, edges, work, health, schedule, loops))
        stack.push_async_callback(features.codes.codes.aside.idle, _PATIENCE)
        for loop in loops:
            loop.start()
        schedule.start()
        for edge in edges:
            await edge.start()
        warn(settings)
        web = Starlette(
            routes=[
                *(route for edge in edges for route in edge.routes()),
                *features.web.routes(),
                *features.seen,
                *features.eid.routes(),
                *features.codes.routes(),
                *features.door.routes(),
                *(features.signing.web.routes() if features.signing else ()),
                *features.help.routes(),
                *features.not_me.routes(),
                *health.routes(),
            ],
            middleware=[Middleware(Headed, secure=settings.web.public_url.startswith("https:"))],
        )
        # Starlette's own redirect to the address without a slash goes wherever the Host header says.
        web.router.redirect_slashes = False
        yield web


async def _stop(
    edges: tuple[Edge, ...], work: Inbox, health: Health, schedule: Schedule, loops: tuple[Loop, ...]
) -> None:
    """Take nothing new, let what is under way end, then let go (APScheduler's own stop would cancel it)."""
    health.draining = True
    await asyncio.gather(*(edge.stop(_PATIENCE) for edge in edges))
    if not await work.idle(_PATIENCE):
        log.warning("events-cut-short")
    schedule.pause()
    if not await schedule.idle(_PATIENCE):
        log.warning("tick-cut-short")
    for loop in loops:
        if not await loop.stop(_PATIENCE):
            log.warning("loop-cut-short", loop=loop.name)
    schedule.stop()
