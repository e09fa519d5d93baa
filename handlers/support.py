"""Where support works: a channel on each platform that has one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.events import Place
from handlers.messages import Data, Language
from handlers.store import outbox

_UNMARKED = "slack"
"""Its keys name no platform: they are older than the others."""


@dataclass(frozen=True)
class SupportChannel:
    """One of them."""

    tenant: str
    place: Place
    language: Language
    overheard: bool = True
    """Whether the bot reads what is written in its threads; where it does not, support answers by a button."""

    def is_at(self, place: Place) -> bool:
        """Whether this place, or the thread it is in, is here."""
        here = self.place
        return (place.platform, place.conversation) == (here.platform, here.conversation)

    def key(self, key: str) -> str:
        """The key in this channel of a message that stands in each."""
        platform = self.place.platform
        return key if platform == _UNMARKED else f"{key}:in:{platform}"


@dataclass(frozen=True)
class SupportChannels:
    """All of them; there is at least one, and one on each platform at most."""

    first: SupportChannel
    others: tuple[SupportChannel, ...] = ()

    def __iter__(self) -> Iterator[SupportChannel]:
        """Each, in order."""
        yield self.first
        yield from self.others

    def on(self, platform: str) -> SupportChannel | None:
        """The one on this platform."""
        return next((each for each in self if each.place.platform == platform), None)

    def nearest(self, platform: str) -> SupportChannel:
        """The one on this platform, else the first."""
        return self.on(platform) or self.first

    def at(self, place: Place) -> SupportChannel | None:
        """The one that this place is in."""
        return next((each for each in self if each.is_at(place)), None)

    async def tell(
        self, session: AsyncSession, key: str, data: Data, now: datetime, *, priority: int = 5
    ) -> bool:
        """Say it in each, once per key. False when it was said before."""
        new = [
            await outbox.add(
                session,
                outbox.Post(each.key(key), each.place, data, each.language, now, priority=priority),
                tenant=each.tenant,
            )
            for each in self
        ]
        return any(new)
