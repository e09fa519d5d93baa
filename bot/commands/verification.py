"""``verification explain``: why something is enough or not, in words, read live."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer

from bot.commands.context import Config, clock_of, database_of, fail, out, run, settings_of
from bot.gateways.building import contacts_of
from bot.microsoft import directory_of
from bot.plan import support_calendar_of
from bot.settings import Settings
from bot.settings.policy import rules_of
from graph.errors import Ambiguous
from graph.users import User
from handlers.accounts import Accounts, Directory
from handlers.ports import Clock
from handlers.records import Approval, Case, Evidence
from handlers.store import approvals, evidence, not_me
from handlers.store.audit import Audit
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.errors import EvidenceForged
from handlers.store.keys import AuditKeys, EvidenceKeys
from handlers.verification import policy
from handlers.verification.policy import AccountClass, Rules, Sign, Verdict
from handlers.verification.proving import proofs_of
from handlers.verification.standing import Standings

verification = typer.Typer(help="Who may have a pass, and on what proof.", no_args_is_help=True)


@verification.callback()
def _group() -> None:
    """Keeps ``explain`` a word of its own."""


@verification.command()
def explain(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="CASE|USER", help="A case, or an account.")],
    config: Config = None,
) -> None:
    """Why what was proved is enough for a pass, or what is missing. Looks in Microsoft Graph; changes nothing."""
    settings = settings_of(config, complete=True)
    found = run(find(settings, clock_of(context), who.strip()))
    if found is None:
        fail(f"There is no case and no account {who}: give the id of a case, a user name or an address.")
    for line in words(found):
        out.print(line, markup=False, highlight=False)


@dataclass(frozen=True)
class Found:
    """Everything that the verdict depends on. Of a forged case there is no evidence."""

    standing: policy.Standing
    user: User | None
    case: Case | None
    rows: Sequence[Evidence] | None
    votes: Sequence[Approval]
    rules: Rules
    now: datetime
    frozen: datetime | None = None
    """Until when the account gets no new case."""


async def find(settings: Settings, clock: Clock, who: str) -> Found | None:
    """The case of this id, or the account of this name, with everything the verdict depends on."""
    async with database_of(settings) as database, directory_of(settings) as directory:
        cases = Cases(Audit(AuditKeys([key.get_secret_value() for key in settings.secrets.audit_key])))
        async with database.reading() as session:
            case = await cases.get(session, who.upper())
        target = case.target if case else await account_of(directory, who)
        if target is None:
            return None
        if case is None:
            async with database.reading() as session:
                case = await cases.live_of(session, target)
        accounts, rules = _accounts(settings, directory), _rules(settings)
        async with contacts_of(settings, directory.users) as contacts:
            calendar = support_calendar_of(settings)
            stands = await Standings(database, accounts, clock, rules, calendar, contacts).of(target)
        keys = EvidenceKeys([key.get_secret_value() for key in settings.secrets.evidence_key])
        rows, votes = await _read(database, keys, case)
        now = clock.now()
        async with database.reading() as session:
            frozen = await not_me.frozen_until(session, target, now)
        return Found(stands.standing, stands.looked.user, case, rows, votes, rules, now, frozen)


async def account_of(directory: Directory, who: str) -> str | None:
    """The object id of the one account that is meant."""
    try:
        user = await directory.users.find(who)
    except Ambiguous:
        return None
    return user.id if user else None


async def _read(
    database: Database, keys: EvidenceKeys, case: Case | None
) -> tuple[Sequence[Evidence] | None, Sequence[Approval]]:
    if case is None:
        return (), ()
    async with database.reading() as session:
        votes = await approvals.of_case(session, case.id)
        session.expunge_all()
        try:
            return await evidence.of_case(session, keys, case.id), votes
        except EvidenceForged:
            return None, votes


def _accounts(settings: Settings, directory: Directory) -> Accounts:
    told = settings.verification
    return Accounts(
        directory,
        settings.approval.group or None,
        told.agents_group or None,
        told.class_b_groups,
        told.class_c_groups,
    )


def _rules(settings: Settings) -> Rules:
    return rules_of(settings.verification, settings.passes.daily_cap)


def words(found: Found) -> Iterator[str]:
    """The whole explanation, line by line."""
    classified, case = found.standing.classified, found.case
    if found.user is not None:
        yield f"Account: {found.user.display_name} ({found.user.upn})"
    elif case is not None:
        yield f"Account: {case.target_name} ({case.target_upn})"
    yield f"Class {classified.account_class}: {_CLASSES[classified.reason]}."
    for sign in found.standing.raised:
        yield f"The bar is one step higher: {_RAISED[Sign(sign)]}."
    for sign in found.standing.unknown:
        yield f"Unknown: {_UNKNOWN[Sign(sign)]}."
    if found.frozen is not None:
        yield f"No new case until {_utc(found.frozen)}: somebody said “it wasn't me”."
    yield from _case_words(found, case) if case is not None else ("No case stands for this account.",)
    yield from _wanted(found)


def _case_words(found: Found, case: Case) -> Iterator[str]:
    yield f"Case {case.id}: {case.state.replace('_', ' ')}, opened by the {_OPENERS[case.opened_by]}."
    if found.rows is None:
        yield "Evidence: changed from outside this program, so nothing comes of it."
        return
    proofs = proofs_of(found.rows)
    decided_at = found.votes[0].at if found.votes else None
    verdict = policy.judge_as(found.standing, proofs, found.now, decided_at=decided_at, rules=found.rules)
    yield "Evidence:" if proofs else "Evidence: none."
    for proof in proofs:
        yield f"  {_utc(proof.at)}, {_way(proof, found.rules)}: {_counts(proof, verdict, found, decided_at)}."
    yield from _verdict(found, verdict, proofs)
    approvers = ", ".join(vote.approver_name for vote in found.votes) or "nobody yet"
    yield f"Approved by: {approvers} ({len(found.votes)} of {max(case.approvals_wanted, verdict.approvals)})."
    if case.not_before is not None:
        yield f"The pass can be shown from {_utc(case.not_before)}."


def _verdict(found: Found, verdict: Verdict, proofs: Sequence[policy.Proof]) -> Iterator[str]:
    if not verdict.enough:
        yield f"Not enough: {_REASONS[verdict.reason]}."
        return
    yield f"Enough: {_bar(verdict.bar)}."
    if not policy.renewed(verdict.basis, proofs, found.now, found.rules):
        yield f"Before the pass is shown, it has to be proved again: it is {_length(found.rules.evidence_age)} old."


def _way(proof: policy.Proof, rules: Rules) -> str:
    route = rules.route(proof.route)
    if route is None:
        return f"{proof.route}, a route that is not in the settings"
    told = (
        {3: " at a high level", 4: " at the highest level"}.get(proof.level, "") if route.way == "eid" else ""
    )
    return f"{_WAYS[route.way]}{told}"


def _counts(proof: policy.Proof, verdict: Verdict, found: Found, decided_at: datetime | None) -> str:
    if proof in verdict.basis:
        return "counts"
    if found.rules.route(proof.route) is None:
        return "does not count, since nobody knows what it is worth"
    if proof.at > found.now:
        return "does not count, since it is from the future"
    if min(found.now, decided_at or found.now) - proof.at > found.rules.evidence_age:
        return f"does not count, since it is older than {_length(found.rules.evidence_age)}"
    return "is not needed" if verdict.enough else "counts, but is not enough by itself"


def _wanted(found: Found) -> Iterator[str]:
    """What would be enough for this account, whatever there is now."""
    classified, rules = found.standing.classified, found.rules
    if not classified.may_have_pass:
        yield "Nothing is enough: this account gets no pass from the bot."
        return
    yield "What is enough:"
    raised = bool(found.standing.raised)
    if classified.account_class is AccountClass.A and not raised:
        yield f"  an eID, or one agent who sees the person with photo ID: {_bar(rules.strong)};"
        yield f"  two different weak proofs, one of them by live video or from the manager: {_bar(rules.weak)}."
        return
    strictest = classified.account_class is AccountClass.B and raised
    bar = rules.strictest if strictest else rules.strict
    yield f"  an eID of the highest level, or two agents who each see the person with photo ID: {_bar(bar)}."
    if not strictest:
        yield f"  an eID of the level below and a code to the phone on file: {_bar(rules.strict_eid)}."


def _bar(bar: policy.Bar) -> str:
    approvals = "one approval" if bar.approvals == 1 else f"{bar.approvals} approvals"
    if not bar.delay:
        return f"it takes {approvals}, and no wait"
    staffed = " of support's working hours" if bar.staffed else ""
    return f"it takes {approvals}, and a wait of {_length(bar.delay)}{staffed} after the last"


def _length(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes % 60:
        return f"{minutes} minutes"
    return "one hour" if minutes == 60 else f"{minutes // 60} hours"


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


_CLASSES: Final = {
    "ordinary": "an ordinary account",
    "sensitive": "in a group of verification.class_b_groups, so it needs more proof",
    "privileged": "it has a directory role, may activate one, or is in or owns a group that can have one",
    "support": "it belongs to the bot's own approvers or agents",
    "reserved": "in a group of verification.class_c_groups",
    "unknown": "something about it could not be read, and what is not known counts as the strictest",
    "disabled": "it is switched off",
    "guest": "it is a guest, or signs in somewhere else",
    "missing": "it is not in the directory",
}
_RAISED: Final = {
    Sign.PASSWORD: "the password was changed a short while ago",
    Sign.METHODS: "a sign-in method was added a short while ago",
    Sign.YOUNG_LINK: "the chat account has been known here for a short while only",
    Sign.CONTACT: "the private number or mailbox on file was changed a short while ago",
    Sign.CHAT_EMAIL: "the address in chat is not one of the account's",
    Sign.OFTEN: "there were several cases about the account lately",
    Sign.DAILY_CAP: "as many passes were shown today as passes.daily_cap allows",
}
_UNKNOWN: Final = {
    Sign.PASSWORD: "when the password was changed",
    Sign.METHODS: "when a sign-in method was added",
    Sign.YOUNG_LINK: "for how long the chat account has been known here",
    Sign.CONTACT: "whether the private number or mailbox on file was changed lately",
    Sign.CHAT_EMAIL: "whether the address in chat is one of the account's",
    Sign.OFTEN: "how many cases there were",
    Sign.DAILY_CAP: "how many passes a day are usual in this tenant",
}
_REASONS: Final = {
    "class": "an account of this class gets no pass from the bot",
    "no-evidence": "nothing has been proved",
    "evidence-old": "everything that was proved is too old",
    "level": "what was proved is too weak",
    "second-method": "this is weak by itself, and a second proof by another method is needed",
    "none-seen": "codes alone are not enough, and somebody has to see or recognise the person",
    "same-person": "both proofs come from the same person at support",
    "second-agent": "a second agent has to see the person with photo ID",
    "phone-code": "a code to the phone on file is needed as well, or an eID of the highest level",
    "highest": "it takes an eID of the highest level, or two agents who each see the person with photo ID",
}
_OPENERS: Final = {"owner": "owner of the account", "agent": "agent", "colleague": "colleague"}
_WAYS: Final = {
    "eid": "eID",
    "desk": "seen with photo ID by an agent",
    "video": "seen on live video by an agent",
    "manager": "recognised by the manager",
    "phone": "a code to the phone on file",
    "mail": "a code to the private mailbox on file",
    "saved": "a saved recovery code",
}
