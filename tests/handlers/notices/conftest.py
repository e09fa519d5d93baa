"""Everything that notices go out by: emulated mail, text messages and webhook, beside the features of a case."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.gateways.contacts import LookedUpContacts
from bot.gateways.mailing import Mailing
from bot.gateways.sms import SmsGateway, Texting
from bot.gateways.waking import Waking
from bot.gateways.webhook import Webhook
from bot.guide import TEMPLATES
from bot.render.words import Words
from bot.sandbox.entra.mail import SentMail
from bot.sandbox.gateways import GatewayEmulator, SentText, number_of, private_mail_of
from bot.sandbox.world import FJORDHEIM
from bot.settings.sections import Links, Organisation
from graph.mail import Mails
from graph.secret import Secret
from handlers.messages import Language
from handlers.notices import Alarming, Posting, Sending, Telling, Undoing
from handlers.ports import Channels
from handlers.records import Notice
from handlers.store.notices import OWNER, SECURITY, Channel
from tests.handlers.rig import Rig, opened_rig

SECURITY_MAIL = "security@fjordheim.example"
PUBLIC = "https://bot.fjordheim.example"


@dataclass
class Told:
    """A rig, and what goes out beside chat."""

    rig: Rig
    gateway: GatewayEmulator
    sendings: Mapping[Channel, Sending]

    async def out(self, *channels: Channel) -> None:
        """Everything that is due goes out, by these channels or by all."""
        for channel in channels or self.sendings:
            while await self.sendings[channel].step():
                pass

    @property
    def alarms(self) -> list[object]:
        """What the webhook was told, by kind."""
        return [each["kind"] for each in self.gateway.alarms]

    def mails(self, to: str = SECURITY_MAIL) -> list[SentMail]:
        """The mails to an address."""
        return [each for each in self.rig.entra.post.sent if each.to == to]

    def work(self, name: str) -> list[SentMail]:
        """What somebody got in the mailbox of the account."""
        return self.mails(FJORDHEIM.named(name).mail)

    def private(self, name: str) -> list[SentMail]:
        """What somebody got in the private mailbox."""
        return self.mails(private_mail_of(FJORDHEIM.named(name)))

    def texts(self, name: str) -> list[SentText]:
        """What somebody got as text messages."""
        return self.gateway.to(number_of(FJORDHEIM.named(name)))

    async def notices(self) -> list[Notice]:
        """Every row, in order."""
        async with self.rig.database.transaction() as session:
            rows = list(await session.scalars(select(Notice).order_by(col(Notice.id))))
            for row in rows:
                session.expunge(row)
        return rows


@pytest.fixture(scope="session")
def words() -> Words:
    organisation = Organisation()
    said = {language: organisation.said_in(language) for language in Language}
    return Words(TEMPLATES, said, dict(Links()), False, ZoneInfo("Europe/Oslo"))


@pytest.fixture
async def told(sqlite_url: str, tmp_path: Path, words: Words) -> AsyncIterator[Told]:
    async with (
        opened_rig(sqlite_url, tmp_path) as rig,
        GatewayEmulator(FJORDHEIM, rig.clock) as gateway,
        httpx.AsyncClient(trust_env=False, timeout=5) as outside,
    ):
        mailing = Mailing(words, Mails(rig.graph), FJORDHEIM.residents[0].upn)
        hook = Webhook(outside, gateway.hook_url, rig.clock, Secret(gateway.hook_key))
        tickets = Webhook(outside, gateway.tickets_url, rig.clock, Secret(gateway.hook_key))
        channels = Channels(
            LookedUpContacts(outside, gateway.contacts_url),
            Waking(mailing, SECURITY_MAIL, hook, Language.EN),
            Texting(words, SmsGateway(outside, gateway.sms_url, Secret(gateway.key))),
            mailing,
            tickets,
        )
        users = rig.directory.users
        telling = Telling(rig.database, users, rig.cases, channels, rig.clock, PUBLIC)
        alarming = Alarming(rig.database, rig.cases, channels.security)
        undoing = Undoing(rig.database, users, rig.cases, rig.issue.unseen)
        ways = dict.fromkeys(OWNER, telling.send) | dict.fromkeys(SECURITY, alarming.send)
        ways[Channel.TICKETS] = Posting(rig.database, rig.cases, tickets).send
        sendings = {
            channel: Sending(channel, rig.database, ways.get(channel, undoing.send), rig.clock, "rig")
            for channel in Channel
        }
        yield Told(rig, gateway, sendings)
