"""The rows that the product keeps. What is never among them: a pass, a person number, a token, a payload.

Times are aware and stored in UTC. States are plain strings with a CHECK, so that both databases hold the
same rule. Everything that may move does so by the conditional updates in ``handlers.store``.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import JSON, CheckConstraint, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from handlers.states import ENDS, CaseState

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _listed(values: Iterable[StrEnum]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _one_of(column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({_listed(values)})", name=column)


class InboxState(StrEnum):
    """Where an incoming event stands."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class Incoming(SQLModel, table=True):
    """One event from a platform: written before it is acknowledged, worked on afterwards.

    ``fields`` are the few typed fields its handler needs, cleaned of codes, tokens and 11-digit numbers;
    once it is done only the id stays, for seven days, so that a redelivery is recognised.
    """

    __tablename__ = "inbox"
    __table_args__ = (_one_of("state", InboxState), Index("ix_inbox_work", "state", "lease_until"))

    id: str = Field(primary_key=True, max_length=500)
    kind: str = Field(max_length=40)
    fields: dict[str, object] | None = Field(
        default=None, sa_column=Column("fields", JSON(none_as_null=True), nullable=True)
    )
    received_at: datetime
    state: str = InboxState.WAITING
    lease_owner: str | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    handled_at: datetime | None = None


class OutboxState(StrEnum):
    """Where an outgoing message stands. ``repeated`` tells that one was sent again after an unknown outcome."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Outgoing(SQLModel, table=True):
    """One message the bot sends: unique by key for ever, claimed with a lease, sent, marked.

    It goes to a person (``user``) or to a place (``conversation``, ``thread``); with ``replaces`` set it takes the
    place of the message that was sent under that key.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        _one_of("state", OutboxState),
        CheckConstraint('"user" IS NOT NULL OR conversation IS NOT NULL', name="target"),
        UniqueConstraint("key"),
        Index("ix_outbox_due", "state", "priority", "due_at", "id"),
        Index("ix_outbox_lease", "state", "lease_until"),
        Index("ix_outbox_replaces", "replaces"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=500)
    platform: str = Field(max_length=20)
    tenant: str = Field(max_length=80)
    user: str | None = Field(default=None, max_length=200)
    conversation: str | None = Field(default=None, max_length=500)
    thread: str | None = Field(default=None, max_length=500)
    private: bool = False
    replaces: str | None = Field(default=None, max_length=500)
    name: str = Field(max_length=60)
    data: dict[str, object] | None = Field(
        default=None, sa_column=Column("data", JSON(none_as_null=True), nullable=True)
    )
    language: str = Field(max_length=2)
    priority: int = 5
    """Lower goes first: 1 a person waits, 5 a notice, 9 a reminder."""
    due_at: datetime
    state: str = OutboxState.PENDING
    lease_owner: str | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    repeated: bool = False
    sent_at: datetime | None = None
    sent_conversation: str | None = Field(default=None, max_length=500)
    sent_thread: str | None = Field(default=None, max_length=500)
    sent_private: bool = False
    sent_message: str | None = Field(default=None, max_length=500)
    failure: str | None = Field(default=None, max_length=200)


_LIVE = f"state NOT IN ({_listed(ENDS)})"
"""What the index of live cases covers: one per target. PostgreSQL and SQLite take the same words."""


class Case(SQLModel, table=True):
    """One request for a pass. Moves only by ``handlers.store.cases.move``."""

    __tablename__ = "case"
    __table_args__ = (
        _one_of("state", CaseState),
        Index(
            "uq_case_live_target",
            "target",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        Index("ix_case_state", "state", "state_at"),
    )

    LIVE: ClassVar[frozenset[CaseState]] = frozenset(CaseState) - ENDS

    id: str = Field(primary_key=True, max_length=12)
    target: str = Field(max_length=36, index=True)
    target_name: str = Field(max_length=256)
    target_upn: str = Field(max_length=256)
    target_department: str | None = Field(default=None, max_length=128)
    state: str = CaseState.OPEN
    state_at: datetime
    opened_at: datetime
    starter: str | None = Field(default=None, max_length=36)
    agent: str | None = Field(default=None, max_length=36)
    agent_name: str | None = Field(default=None, max_length=256)
    language: str = Field(default="nb", max_length=2)
    previous: str | None = Field(default=None, max_length=12, foreign_key="case.id", ondelete="SET NULL")
    claim_hash: str | None = Field(default=None, max_length=64, index=True)
    claim_until: datetime | None = None
    claim_tries: int = 0
    browser_hash: str | None = Field(default=None, max_length=64, index=True)
    approvals_wanted: int = 1
    approved_at: datetime | None = None
    show_until: datetime | None = None
    denied_by: str | None = Field(default=None, max_length=256)
    issue_attempt: int = 0
    issuing_at: datetime | None = None
    pass_id: str | None = Field(default=None, max_length=64)
    """Graph's id of the pass: needed to follow or delete it. Not the pass."""
    issued_at: datetime | None = None
    pass_expires_at: datetime | None = None
    used_at: datetime | None = None
    methods_before: str = ""
    """Graph's ids of the methods there were when the pass was issued, joined by commas."""
    old_kept: bool = False
    """The requester says that the old phone is to stay."""
    follow_at: datetime | None = Field(default=None, index=True)
    """When to look in Graph again."""
    ended_at: datetime | None = None


class Evidence(SQLModel, table=True):
    """The outcome of one verification, bound to its case and target by a MAC."""

    __tablename__ = "evidence"

    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(max_length=12, index=True, foreign_key="case.id", ondelete="CASCADE")
    target: str = Field(max_length=36)
    route: str = Field(max_length=40)
    level: int
    at: datetime
    actor: str | None = Field(default=None, max_length=36)
    detail: str = Field(default="", max_length=200)
    key_id: str = Field(max_length=16)
    mac: str = Field(max_length=64)


class Approval(SQLModel, table=True):
    """One approver's yes to one case."""

    __tablename__ = "approval"
    __table_args__ = (UniqueConstraint("case", "approver"),)

    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(max_length=12, index=True, foreign_key="case.id", ondelete="CASCADE")
    approver: str = Field(max_length=36)
    approver_name: str = Field(max_length=256)
    at: datetime


class Link(SQLModel, table=True):
    """The pinned tie between a person and an account. Enough to answer, remind and open a case; no more."""

    __tablename__ = "link"

    platform: str = Field(primary_key=True, max_length=20)
    tenant: str = Field(primary_key=True, max_length=80)
    user: str = Field(primary_key=True, max_length=200)
    account: str = Field(max_length=36, index=True)
    email: str = Field(max_length=320)
    first_seen: datetime
    flagged: str | None = Field(default=None, max_length=40)
    """Why the link may not be relied on any more: ``email-changed``."""


class Preference(SQLModel, table=True):
    """What a person has chosen."""

    __tablename__ = "preference"

    platform: str = Field(primary_key=True, max_length=20)
    tenant: str = Field(primary_key=True, max_length=80)
    user: str = Field(primary_key=True, max_length=200)
    language: str = Field(max_length=2)


class PlanEntry(SQLModel, table=True):
    """One account of the rollout plan and its activation day."""

    __tablename__ = "plan"

    account: str = Field(primary_key=True, max_length=36)
    upn: str = Field(max_length=256, index=True)
    mail: str | None = Field(default=None, max_length=320)
    activation_day: date = Field(index=True)
    wave: str | None = Field(default=None, max_length=80, index=True)
    language: str | None = Field(default=None, max_length=2)
    changed_at: datetime
    ready_at: datetime | None = None


class PlanChange(SQLModel, table=True):
    """Who moved, added or removed an account in the plan, and why."""

    __tablename__ = "plan_change"

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(max_length=36, index=True)
    at: datetime
    by: str = Field(max_length=128)
    reason: str = Field(default="", max_length=400)
    before: date | None = None
    after: date | None = None


class Due(SQLModel, table=True):
    """One reminder of the plan and what became of it: unique per account, activation day and offset."""

    __tablename__ = "reminder"

    account: str = Field(primary_key=True, max_length=36)
    activation_day: date = Field(primary_key=True)
    offset: int = Field(primary_key=True)
    outcome: str = Field(max_length=40)
    """``queued``, ``ready``, ``unreachable``, ``disabled``, ``gone``, ``guest``, ``stale``, ``merged``."""
    at: datetime


class Attempt(SQLModel, table=True):
    """How often something limited was tried within a window of time."""

    __tablename__ = "attempt"

    subject: str = Field(primary_key=True, max_length=500)
    window: datetime = Field(primary_key=True)
    count: int = 0


class AuditRow(SQLModel, table=True):
    """One link of the audit chain: append-only, by trigger. ``data`` is canonical JSON text, as signed."""

    __tablename__ = "audit"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    segment: str = Field(max_length=7, index=True)
    at: datetime
    actor: str | None = Field(default=None, max_length=40)
    """A pseudonym, ``system``, or nobody."""
    action: str = Field(max_length=60)
    case: str | None = Field(default=None, max_length=12, index=True)
    data: str = Field(sa_column=Column("data", Text, nullable=False))
    key_id: str = Field(max_length=16)
    prev: str = Field(max_length=64)
    mac: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The end of the chain: one row, locked by whoever appends, so that the order is total."""

    __tablename__ = "audit_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int
    mac: str = Field(max_length=64)
    segment: str = Field(max_length=7)
    broken_at: int | None = None
    """The first row that is not as it was written, until a named person accepts it."""
    key_id: str = Field(default="", max_length=16)
    seal: str = Field(default="", max_length=64)
    """A MAC over this row: who cuts the end off cannot move the head back to match."""


class AuditSegment(SQLModel, table=True):
    """A closed month of the chain and its last link."""

    __tablename__ = "audit_segment"

    segment: str = Field(primary_key=True, max_length=7)
    last_seq: int
    mac: str = Field(max_length=64)
    closed_at: datetime
    reported_at: datetime | None = None
    """When this end was sent outside, to where nobody can change it with the database."""


class Pseudonym(SQLModel, table=True):
    """Who a pseudonym of the audit stands for. Erasable; the audit rows stay."""

    __tablename__ = "pseudonym"

    pseudonym: str = Field(primary_key=True, max_length=40)
    subject: str = Field(max_length=500, unique=True)
