"""Teams and the Bot service on loopback ports, for tests and the sandbox, and people to act as."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from aiohttp import web

from bot.sandbox.teams.activities import Activities, new_team
from bot.sandbox.teams.answers import Answers
from bot.sandbox.teams.connector import SERVICE, Connector
from bot.sandbox.teams.deliveries import Deliveries
from bot.sandbox.teams.faults import Faults, Limiter
from bot.sandbox.teams.forgeries import Forgeries
from bot.sandbox.teams.people import People
from bot.sandbox.teams.records import Delivery, Message, TeamsUser
from bot.sandbox.teams.refusals import BlockedAs
from bot.sandbox.teams.signing import KEYS, METADATA, Published
from bot.sandbox.teams.tenant import App, Tenant
from handlers.ports import Clock

T = TypeVar("T")


class TeamsEmulator(People):
    """A tenant whose people are in Teams, and one team that has the app.

    ``trusts`` says whether a bearer token is the bot's own: that of the Entra emulator. Times are those of ``clock``,
    also in tokens; only limits and waiting are real. ``limit_rates``: the platform's limits hold. Who does not answer
    within ``answer_seconds`` is told the same again, so many times as ``repeats``.
    """

    def __init__(
        self,
        users: Iterable[TeamsUser],
        clock: Clock,
        *,
        tenant_id: str,
        app_id: str,
        trusts: Callable[[str], bool],
        installed: Iterable[str] = (),
        support: Iterable[str] = (),
        team: str = "IT Support",
        channels: Sequence[str] = ("Support",),
        answer_seconds: float = 15.0,
        repeats: int = 1,
        limit_rates: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        tenant = Tenant(App(tenant_id, app_id), users, new_team(team, channels, set(support)), clock)
        self.published = Published()
        self.faults = Faults(monotonic)
        self.limiter = Limiter(monotonic)
        activities = Activities(tenant)
        deliveries = Deliveries(tenant, self.published, answer_seconds, repeats)
        answers = Answers(tenant)
        super().__init__(tenant, deliveries, activities, answers)
        self.forge = Forgeries(tenant, self.published, deliveries, activities)
        self._connector = Connector(tenant, trusts, self.faults, self.limiter if limit_rates else None)
        self._runner: web.AppRunner | None = None
        for user_id in installed:
            tenant.open_chat(user_id)
            tenant.installed.add(user_id)
            self._greeted.add(user_id)

    async def start(self) -> None:
        """Listen on a free loopback port: the keys, and the connector."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        self.published.add_routes(app.router)
        self._connector.add_routes(app.router)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.published.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._activities.service_url = f"{self.service_url}/"
        await self._deliveries.start()

    async def stop(self) -> None:
        """Close every connection and the port."""
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)
        self.published.release()
        await self._deliveries.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def service_url(self) -> str:
        """Where the connector is: what goes into ``teams.service_urls``. Activities name it with a slash behind."""
        return f"{self.published.url}{SERVICE}"

    @property
    def openid_url(self) -> str:
        """What goes into ``teams.openid_url``."""
        return f"{self.published.url}{METADATA}"

    @property
    def keys_url(self) -> str:
        """Where the Bot service's keys are."""
        return f"{self.published.url}{KEYS}"

    @property
    def support_channel(self) -> str:
        """What goes into ``teams.support_channel``."""
        return self.channel("Support")

    @property
    def malformed(self) -> Sequence[str]:
        """Answers to invokes that no client understands."""
        return self._answers.malformed

    @property
    def blocked_as(self) -> BlockedAs:
        """How a block is told."""
        return self._connector.conversations.blocked_as

    @blocked_as.setter
    def blocked_as(self, how: BlockedAs) -> None:
        self._connector.conversations.blocked_as = how

    def deliver_to(self, url: str | None) -> None:
        """Send everything to this address from now on."""
        self._deliveries.url = url

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """Hand the same activity over again, with a new token."""
        return await self._deliveries.redeliver(delivery)

    async def retry_unanswered(self) -> tuple[Delivery, ...]:
        """Hand over again, in order, every message and event that got no answer at all."""
        last = {each.id: each for each in self.deliveries if each.activity.get("type") != "invoke"}
        done = {each.id for each in self.deliveries if each.answered}
        return tuple([await self.redeliver(each) for each in last.values() if each.id not in done])

    async def replay(self, delivery: Delivery) -> Delivery:
        """Send the very bytes of a delivery again, token and all."""
        return await self._deliveries.replay(delivery)

    def add_user(self, user: TeamsUser, *, installed: bool = False, support: bool = False) -> None:
        """Put somebody in, or give them another profile."""
        self._tenant.add_user(user)
        if installed:
            self._tenant.open_chat(user.object_id)
            self._tenant.installed.add(user.object_id)
        if support:
            self._tenant.team.members.add(user.object_id)

    def on_bot_message(self, told: Callable[[Message], None]) -> None:
        """Call this for every message of the bot that appears or changes."""
        self._tenant.bot_spoke = told
