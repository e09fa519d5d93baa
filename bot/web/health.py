"""Whether the process lives, and whether it should get work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from handlers.store.database import Database
from handlers.store.errors import StoreError


@dataclass
class Health:
    """``/healthz`` answers as long as the event loop turns; ``/readyz`` tells what is missing, one reason a line."""

    database: Database
    platforms: Sequence[Callable[[], str | None]]
    draining: bool = False

    def routes(self) -> list[Route]:
        """What to mount."""
        return [Route("/healthz", self.live), Route("/readyz", self.ready)]

    async def live(self, _: Request) -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n")

    async def ready(self, _: Request) -> Response:
        """Ready: database reachable, schema current, platform connected, not draining."""
        reasons = [
            reason
            for reason in (*(ready() for ready in self.platforms), await self._store())
            if reason is not None
        ]
        if self.draining:
            reasons.append("draining")
        return PlainTextResponse("\n".join(reasons or ["ready"]) + "\n", status_code=503 if reasons else 200)

    async def _store(self) -> str | None:
        try:
            await self.database.check_schema()
        except StoreError as error:
            return f"storage: {error}"
        return None
