""" "It wasn't me": said in chat, or from a link outside it. Whoever can say it may: it only ever takes away."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.alarms import Alarm
from handlers.passes.issue import Issue
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import not_me

CHAT = "chat"
LINK = "link"
PAGE = "page"


@dataclass(frozen=True)
class Disowning:
    """Ends what there is of a case, and of any other case about the same account."""

    issue: Issue

    async def case_of(self, token: str) -> Case | None:
        """What a link is about, while it works."""
        async with self.issue.database.reading() as session:
            return await not_me.case_of(session, token, self.issue.clock.now())

    async def disown(self, case: Case, said: str) -> bool:
        """Stop the case that stands, freeze the account, undo what came of it, wake security.

        Said once more of the same case it changes nothing, save that another case that was opened since is stopped;
        False then, or when it is too late to say so.
        """
        issue, now = self.issue, self.issue.clock.now()
        if case.ended_at is not None and case.ended_at <= now - not_me.AFTER_END:
            return False
        async with issue.database.transaction() as session:
            live = await self._held(session, case)
            about = (
                [live] if live is not None and live.id == case.id else [each for each in (case, live) if each]
            )
            new = [one for one in about if await not_me.freeze(session, one.id, one.target, now)]
            if live is not None:
                live = await issue.cases.move(
                    session,
                    live.id,
                    CaseState(live.state),
                    CaseState.STOPPED,
                    now=now,
                    actor=case.target,
                    reason="not-me",
                    follow_at=now if live.issuing_at is not None else None,
                )
            if live is not None:
                await issue.cards.tell(session, live, now)
            await self._wake(session, new, said)
        for one in new:
            if one.pass_id is not None:
                await issue.take_back(one, one.pass_id)
        return bool(new)

    async def _held(self, session: AsyncSession, case: Case) -> Case | None:
        """The case about this account that is not at its end, held still; nobody opens another meanwhile."""
        cases = self.issue.cases
        first = await cases.live_of(session, case.target)
        if first is not None:
            await cases.locked(session, first.id)
        await not_me.hold(session, case.target)
        now_live = await cases.live_of(session, case.target)
        return await cases.locked(session, now_live.id) if now_live is not None else None

    async def _wake(self, session: AsyncSession, new: Sequence[Case], said: str) -> None:
        cases, now = self.issue.cases, self.issue.clock.now()
        for one in new:
            await cases.notices.disowned(session, one, now)
            await cases.alarms.raise_(session, Alarm.NOT_ME, now=now, case=one.id, facts={"said": said})
        for one in new:
            data: dict[str, str | int] = {"said": said, "days": not_me.FROZEN_FOR.days}
            await cases.audit.append(
                session, at=now, actor=one.target, action="case.not-me", case=one.id, data=data
            )
