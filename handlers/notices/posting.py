"""Posts each move of a case to the organisation's ticket system. Nobody is named, and nothing that anybody wrote."""

from dataclasses import dataclass

from handlers.notices.sending import Nobody
from handlers.ports import Hook
from handlers.records import Notice
from handlers.store import evidence
from handlers.store.cases import Cases
from handlers.store.database import Database


@dataclass(frozen=True)
class Posting:
    """The way of ``Channel.TICKETS``. docs/operating.md describes the payload."""

    database: Database
    cases: Cases
    hook: Hook

    async def send(self, notice: Notice) -> None:
        """Raises ``NotSent``, or ``Nobody`` when the case is gone."""
        async with self.database.reading() as session:
            case = await self.cases.get(session, notice.case or "")
            routes = await evidence.routes_of(session, notice.case or "")
        if case is None:
            raise Nobody
        facts = notice.facts or {}
        await self.hook.post(
            {
                "id": notice.key.removesuffix(f":{notice.channel}"),
                "kind": "case",
                "number": facts.get("number"),
                "case": case.id,
                "state": notice.kind,
                "before": facts.get("before"),
                "at": notice.at.isoformat(timespec="seconds"),
                "opened_at": case.opened_at.isoformat(timespec="seconds"),
                "routes": routes,
                "ticket": case.ticket or None,
            }
        )
