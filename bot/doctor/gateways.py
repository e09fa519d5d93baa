"""Text messages and mail: whether they could go out."""

import asyncio
from collections.abc import Sequence
from typing import Final

from bot.doctor.asking import LIMITS
from bot.doctor.finding import Finding, doubtful, fine, wrong
from bot.gateways.mailing import Mailing
from bot.guide import words_of
from bot.microsoft import graph_of
from bot.oidc.building import client_of
from bot.settings import Settings
from bot.settings.sections import Support
from bot.settings.security import Security
from graph.errors import NotFound
from graph.mail import Mails
from graph.secret import Secret
from graph.users import Users
from handlers.messages import TrialMail
from handlers.ports import NotSent

_MAIL: Final = "Mail"
_SMS: Final = "Text messages"


async def sms(settings: Settings) -> Sequence[Finding]:
    """Whether the gateway can be reached. No message is sent, nor the key: any answer will do."""
    async with client_of(settings.http.ca_file) as client:
        await client.head(settings.sms.url)
    if not settings.sms.key.get_secret_value():
        return [
            doubtful(_SMS, "the gateway answers, and is asked without a key", "set sms.key if it takes one")
        ]
    return [fine(_SMS, "the gateway answers; nothing was sent")]


async def webhook(settings: Settings, name: str, section: Security | Support, key: str) -> Sequence[Finding]:
    """Whether the webhook of a section can be reached. Nothing is posted: any answer will do."""
    async with client_of(settings.http.ca_file) as client:
        await client.head(section.webhook)
    if not section.webhook_key.get_secret_value():
        remedy = f"set {key}.webhook_key, and let the webhook check the signature: docs/operating.md"
        return [doubtful(name, "it answers, and is posted to without a signature", remedy)]
    return [fine(name, "it answers; nothing was posted")]


async def mail(settings: Settings, *, send_test: bool) -> Sequence[Finding]:
    """Whether the mailbox is there, and on demand whether a mail goes out of it, to itself."""
    sender = settings.mail.sender
    async with graph_of(settings, LIMITS) as graph:
        try:
            owner = await Users(graph).get(sender)
        except NotFound:
            return [
                wrong(_MAIL, f"there is no account {sender}", "put the address of a mailbox into mail.sender")
            ]
        if not send_test:
            return [fine(_MAIL, f"mailbox of {owner.upn}; --send-test sends a mail to it")]
        mailing = Mailing(await asyncio.to_thread(words_of, settings), Mails(graph), sender)
        try:
            to = Secret(owner.mail or owner.upn)
            await mailing.send(to, TrialMail(), settings.organisation.language)
        except NotSent as error:
            return [
                wrong(
                    _MAIL,
                    f"no mail goes out of the mailbox of {owner.upn} ({error})",
                    "give the app Mail.Send for this mailbox, and see that it has a mailbox in Exchange",
                )
            ]
        return [fine(_MAIL, f"a mail was sent from {owner.upn} to itself: see that it has come")]
