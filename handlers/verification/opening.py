"""Opening a case: the limits on how often, whoever opens it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from graph.users import User
from handlers.messages import Language
from handlers.records import Case
from handlers.states import CaseState
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

    async def open(
        self,
        session: AsyncSession,
        target: User,
        *,
        starter: str,
        now: datetime,
        language: Language = Language.NB,
    ) -> Case | Refused:
        """The case, in whatever state it stands: the caller sees whether it can be taken up."""
        every = await self.cases.of_target(session, target.id)
        live = next((case for case in every if not CaseState(case.state).ended), None)
        if live is not None:
            return live
        earlier = [case for case in every if case.opened_at > now - policy.CASES_WINDOW]
        if len(earlier) >= policy.CASES_PER_TARGET:
            return Refused("too-many-cases")
        ended = (CaseState.DENIED, CaseState.STOPPED)
        if any(case.state in ended and case.state_at > now - policy.COOL_DOWN for case in earlier):
            return Refused("cool-down")
        case = await self.cases.open_case(
            session,
            target=target.id,
            target_name=target.display_name,
            target_upn=target.upn,
            target_department=target.department,
            language=language,
            starter=starter,
            now=now,
            actor=starter,
        )
        return case or Refused("case-open")
