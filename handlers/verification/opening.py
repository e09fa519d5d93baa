"""Opening a case: the limits on how often, whoever opens it; and no case where one was disowned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from graph.users import User
from handlers.messages import Language
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import history, not_me
from handlers.store.cases import Cases
from handlers.verification import policy


@dataclass(frozen=True)
class Refused:
    """Why it cannot be done, by the name that the messages use."""

    reason: str


@dataclass(frozen=True)
class Opening:
    """Opens a case for an account, or hands over the one that stands."""

    cases: Cases
    rules: policy.Rules = policy.DEFAULT_RULES

    async def open(
        self,
        session: AsyncSession,
        target: User,
        *,
        starter: str,
        now: datetime,
        language: Language = Language.NB,
        opened_by: str = "owner",
        previous: str | None = None,
    ) -> Case | Refused:
        """The case, in whatever state it stands: the caller sees whether it can be taken up."""
        await not_me.hold(session, target.id)
        if await not_me.frozen_until(session, target.id, now) is not None:
            return Refused("frozen")
        every = await self.cases.of_target(session, target.id)
        live = next((case for case in every if not CaseState(case.state).ended), None)
        if live is not None:
            return live
        since = now - self.rules.cool_down
        refused = await history.refused_since(session, starter, since) if opened_by == "colleague" else False
        refusal = "cool-down" if refused else self._refusal(every, now)
        if refusal is not None:
            return Refused(refusal)
        case = await self.cases.open_case(
            session,
            target=target.id,
            target_name=target.display_name,
            target_upn=target.upn,
            target_department=target.department,
            language=language,
            starter=starter,
            opened_by=opened_by,
            previous=previous,
            now=now,
            actor=starter,
        )
        return case or Refused("case-open")

    def _refusal(self, every: Sequence[Case], now: datetime) -> str | None:
        """What a colleague opened is held against the colleague, not against the owner."""
        since = now - self.rules.cases_window
        earlier = [case for case in every if case.opened_at > since and case.opened_by != "colleague"]
        if len(earlier) >= self.rules.cases_per_target:
            return "too-many-cases"
        ended = (CaseState.DENIED, CaseState.STOPPED)
        cold = any(case.state in ended and case.state_at > now - self.rules.cool_down for case in earlier)
        return "cool-down" if cold else None
