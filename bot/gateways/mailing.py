"""Mail, out of the organisation's mailbox by way of Microsoft Graph."""

from dataclasses import dataclass, replace

from bot.render.text import plain
from bot.render.words import Words
from graph.errors import GraphError, OutcomeUnknown
from graph.mail import Mails
from graph.secret import Secret
from handlers.messages import Data, Language
from handlers.ports import NotSent


@dataclass(frozen=True)
class Mailing:
    """The port ``handlers.ports.Mail``: puts a message into words, and has it sent as plain text."""

    words: Words
    mails: Mails
    sender: str

    async def send(self, to: Secret, data: Data, language: Language) -> None:
        """The title is the subject. Addresses that the words hang on are written out."""
        message = self.words.message(data, language)
        text = plain(replace(message, title=""), links=True)
        try:
            await self.mails.send(self.sender, to, message.title, text)
        except GraphError as error:
            raise NotSent(type(error).__name__, unknown=isinstance(error, OutcomeUnknown)) from None
