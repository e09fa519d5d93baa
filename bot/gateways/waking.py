"""Wakes security: by mail, and by webhook."""

from dataclasses import dataclass

from bot.gateways.webhook import Webhook
from graph.secret import Secret
from handlers.alarms import Alarmed
from handlers.messages import Language, SecurityMail
from handlers.ports import Mail, NotSent


@dataclass(frozen=True)
class Waking:
    """The port ``handlers.ports.Security``."""

    mailing: Mail | None
    address: str
    webhook: Webhook | None
    language: Language

    async def mail(self, alarmed: Alarmed) -> None:
        """See ``handlers.ports.Security``."""
        if self.mailing is None or not self.address:
            raise NotSent("off")
        facts = tuple((name, str(value)) for name, value in alarmed.facts.items())
        told = SecurityMail(
            alarmed.kind, alarmed.at, alarmed.case or "", alarmed.account or "", alarmed.upn or "", facts
        )
        await self.mailing.send(Secret(self.address), told, self.language)

    async def post(self, alarmed: Alarmed) -> None:
        """See ``handlers.ports.Security``. docs/operating.md describes the payload."""
        if self.webhook is None:
            raise NotSent("off")
        await self.webhook.post(
            {
                "id": alarmed.id,
                "kind": str(alarmed.kind),
                "at": alarmed.at.isoformat(timespec="seconds"),
                "case": alarmed.case,
                "account": alarmed.account,
                "upn": alarmed.upn,
                "facts": dict(alarmed.facts),
            }
        )
