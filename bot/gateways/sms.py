"""Text messages, over the organisation's gateway: it is sent ``{"to": "+47…", "text": "…"}`` by POST.

An answer of 200 or 201 with a JSON object, whatever is in it, means that the gateway has taken the message.
"""

from dataclasses import dataclass, field

import httpx

from bot.outside import OutsideError, ask
from bot.render.text import plain
from bot.render.words import Words
from graph.secret import Secret
from handlers.messages import Data, Language
from handlers.ports import NotSent


@dataclass(frozen=True)
class SmsGateway:
    """Hands messages over, once each: a message that may have gone out is not sent again."""

    client: httpx.AsyncClient
    address: str
    key: Secret = field(default_factory=lambda: Secret(""))

    async def send(self, number: Secret, text: str) -> None:
        """Raises ``NotSent``, which holds neither the number nor the text."""
        headers = {"Authorization": f"Bearer {self.key.reveal()}"} if self.key else {}
        body = {"to": number.reveal(), "text": text}
        try:
            await ask(
                self.client, self.client.build_request("POST", self.address, json=body, headers=headers)
            )
        except OutsideError as error:
            raise NotSent(type(error).__name__, unknown=error.done is not False) from None


@dataclass(frozen=True)
class Texting:
    """The port ``handlers.ports.Sms``: puts a message into words, and hands it over."""

    words: Words
    gateway: SmsGateway

    async def send(self, to: Secret, data: Data, language: Language) -> None:
        """A text message has no title, no buttons and no links."""
        await self.gateway.send(to, plain(self.words.message(data, language)))
