"""The ways to a pass, put together: proofs by code and by eID, the decision, and the issuing."""

from dataclasses import dataclass
from datetime import timedelta

from bot.app.core import Core
from handlers.approvals import Deciding
from handlers.notices import Disowning
from handlers.passes import Issue, Removing
from handlers.ports import Channels, Eid
from handlers.verification.codes import Aside, Codes, Recovery, Sending
from handlers.verification.eid import ByEid


@dataclass(frozen=True)
class Passing:
    """What a case goes through; ``bot.app.seen`` has the routes on which somebody sees the requester."""

    codes: Codes
    recovery: Recovery | None
    by_eid: ByEid
    deciding: Deciding
    issue: Issue
    disowning: Disowning
    removing: Removing

    @classmethod
    def build(cls, core: Core, channels: Channels, eid: Eid) -> "Passing":
        database, accounts, cases, cards = core.database, core.accounts, core.cases, core.cards
        keys, clock, passes = core.keys, core.clock, core.settings.passes
        recovery = Recovery(database, core.audit, keys, clock) if core.settings.signin.on else None
        sending = Sending(database, core.directory.users, cases, keys, clock, channels)
        codes = Codes(
            database, cases, core.proving, clock, core.rules, core.calendar, sending, recovery, Aside()
        )
        issue = Issue(
            database,
            accounts,
            cases,
            cards,
            keys,
            clock,
            timedelta(minutes=passes.lifetime_minutes),
            core.standings,
            passes.evaluation,
            passes.revoke_sessions,
        )
        return cls(
            codes=codes,
            recovery=recovery,
            by_eid=ByEid(database, accounts, cases, core.proving, keys, clock, eid, bool(codes.routes)),
            deciding=Deciding(
                database,
                accounts,
                cases,
                cards,
                keys,
                clock,
                timedelta(hours=passes.show_within_hours),
                core.standings,
            ),
            issue=issue,
            disowning=Disowning(issue),
            removing=Removing(
                database,
                cases,
                core.directory.methods,
                core.people,
                clock,
                core.directory.users if passes.revoke_sessions else None,
            ),
        )
