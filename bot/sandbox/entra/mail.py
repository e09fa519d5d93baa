"""The part of Graph that sends mail. What is sent goes nowhere: it is kept to be read."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.entra.refusals import Refusal, Style
from bot.sandbox.entra.requests import Answer, Incoming, Json, Route, one_of
from bot.sandbox.entra.state import NoSuchThing, Tenant
from bot.sandbox.world import Kind

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_MESSAGE = {"subject": str, "body": dict, "toRecipients": list}
_SEND = one_of("Mail.Send")


@dataclass(frozen=True)
class SentMail:
    """One mail that went out."""

    sender: str
    to: str
    subject: str
    text: str = field(repr=False)
    at: datetime


class Post:
    """Takes mail from the mailboxes of the tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self.sent: list[SentMail] = []

    def routes(self) -> list[Route]:
        """What this part of Graph answers."""
        return [Route("POST", "/users/{user}/sendMail", (_SEND,), self._send, style=Style.MAIL)]

    def _send(self, incoming: Incoming) -> Answer:
        sender = self._mailbox(incoming.values["user"])
        asked = incoming.form({"message": dict, "saveToSentItems": bool})
        message = asked.get("message")
        if not isinstance(message, dict):
            raise Refusal(400, "ErrorInvalidParameter", "The parameter 'Message' is missing.")
        for name, value in message.items():
            if not isinstance(value, _MESSAGE.get(name, type(None))):
                raise Refusal(400, "RequestBodyRead", f"The property '{name}' is not valid.")
        subject, text = message.get("subject", ""), _text(message.get("body", {}))
        for to in _recipients(message.get("toRecipients", [])):
            self.sent.append(SentMail(sender, to, subject, text, self._tenant.clock.now()))
        return Answer(202)

    def _mailbox(self, user: str) -> str:
        try:
            resident = self._tenant.account(user).resident
        except NoSuchThing:
            raise Refusal(404, "ErrorInvalidUser", f"The requested user '{user}' is invalid.") from None
        if resident.kind is Kind.GUEST:
            told = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
            raise Refusal(404, "MailboxNotEnabledForRESTAPI", told)
        return resident.mail


def _text(body: Json) -> str:
    kind, content = body.get("contentType", "Text"), body.get("content", "")
    if str(kind).lower() not in ("text", "html") or not isinstance(content, str):
        raise Refusal(400, "RequestBodyRead", "The property 'body' is not valid.")
    return content


def _recipients(told: list[object]) -> list[str]:
    found = []
    for entry in told:
        match entry:
            case {"emailAddress": {"address": str(address)}} if _ADDRESS.fullmatch(address):
                found.append(address)
            case _:
                raise Refusal(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.")
    if not found:
        raise Refusal(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.")
    return found
