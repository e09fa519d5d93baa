"""What the chat platforms have in common, seen from where everything is put together."""

from typing import Protocol

from starlette.routing import Route


class PlatformRefused(Exception):
    """A platform does not take our settings, and never will: one sentence that names the key."""


class Edge(Protocol):
    """The way in of one platform."""

    def routes(self) -> list[Route]:
        """What to mount."""
        ...

    async def start(self) -> None:
        """Connect. ``PlatformRefused`` when that can never work; a platform that is away is waited for."""
        ...

    async def stop(self, patience: float) -> None:
        """Take nothing new, and let what came be written and acknowledged."""
        ...

    def ready(self) -> str | None:
        """Why it does not work now, for ``/readyz``; None when it does."""
        ...
