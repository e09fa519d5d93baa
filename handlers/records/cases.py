"""A case and what it rests on."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from handlers.records.rules import listed, one_of
from handlers.states import ENDS, CaseState, OldState

_LIVE = f"state NOT IN ({listed(ENDS)})"
"""What the index of live cases covers: one per target. PostgreSQL and SQLite take the same words."""


class Case(SQLModel, table=True):
    """One request for a pass. Moves only by ``handlers.store.cases.move``."""

    __tablename__ = "case"
    __table_args__ = (
        one_of("state", CaseState),
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
    opened_by: str = Field(default="owner", max_length=10)
    """``owner`` of the account, ``agent`` or ``colleague``."""
    starter: str | None = Field(default=None, max_length=36)
    agent: str | None = Field(default=None, max_length=36)
    agent_name: str | None = Field(default=None, max_length=256)
    language: str = Field(default="nb", max_length=2)
    previous: str | None = Field(default=None, max_length=12, foreign_key="case.id", ondelete="SET NULL")
    claim_tries: int = 0
    """How many claim codes were given for it."""
    browser_hash: str | None = Field(default=None, max_length=64, index=True)
    approvals_wanted: int = 1
    approved_at: datetime | None = None
    not_before: datetime | None = None
    """*Show* before this is refused: the delay that the weaker routes take, from the last approval."""
    show_until: datetime | None = None
    denied_by: str | None = Field(default=None, max_length=256)
    denied_reason: str = Field(default="", max_length=20)
    """Of ``handlers.messages.DENIALS``."""
    held_by: str | None = Field(default=None, max_length=36)
    """Who is on it, so that two do not work on one case. Gives no right, and takes none away."""
    held_name: str | None = Field(default=None, max_length=256)
    held_at: datetime | None = None
    ticket: str = Field(default="", max_length=24)
    """The organisation's own number for it."""
    issue_attempt: int = 0
    issuing_at: datetime | None = None
    pass_id: str | None = Field(default=None, max_length=64)
    """Graph's id of the pass: needed to follow or delete it. Not the pass."""
    issued_at: datetime | None = None
    pass_expires_at: datetime | None = None
    used_at: datetime | None = None
    register_until: datetime | None = None
    """Until when the session that began with the pass lasts for whoever registers a new method."""
    registered_at: datetime | None = None
    """When the new method was first seen."""
    registered_kind: str = Field(default="", max_length=24)
    registered_name: str = Field(default="", max_length=64)
    """What its owner calls it."""
    found: str = Field(default="", max_length=16)
    """A ``handlers.states.Finding``."""
    methods_before: str = ""
    """Graph's ids of the methods there were when the pass was issued, joined by commas."""
    signs: str = Field(default="", max_length=300)
    """How the account stood at the last verdict: its class, and the signs that were raised or unknown."""
    told: str = Field(default="", max_length=300)
    """What the directory and the chat told at the last proof, beside the signs."""
    round: int = 0
    """How many rounds of approvers were asked since it was verified."""
    round_at: datetime | None = Field(default=None, index=True)
    """When the next round is due."""
    fallback_at: datetime | None = None
    """When ``approval.fallback_group`` was asked: from then on its members may decide."""
    nobody: str = Field(default="", max_length=20)
    """Why nobody can approve it, if so: of ``handlers.messages.NOBODY``."""
    old_kept: bool = False
    """The requester says that the old phone is to stay."""
    follow_at: datetime | None = Field(default=None, index=True)
    """When to look in Graph again."""
    ended_at: datetime | None = None


class CardCopy(SQLModel, table=True):
    """One more place where the card of a case stands: the private chat of an approver who was asked."""

    __tablename__ = "card_copy"

    case: str = Field(primary_key=True, max_length=12, foreign_key="case.id", ondelete="CASCADE")
    platform: str = Field(primary_key=True, max_length=20)
    tenant: str = Field(primary_key=True, max_length=80)
    user: str = Field(primary_key=True, max_length=200)
    account: str = Field(max_length=36)
    language: str = Field(max_length=2)
    handed_by: str = Field(default="", max_length=256)
    """The colleague who handed it over, if one did."""
    at: datetime


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


class OldMethod(SQLModel, table=True):
    """A method from before the pass that was still there when the new one came, and what becomes of it."""

    __tablename__ = "old_method"
    __table_args__ = (one_of("state", OldState),)

    case: str = Field(primary_key=True, max_length=12, foreign_key="case.id", ondelete="CASCADE")
    number: int = Field(primary_key=True)
    """Counted from 1 within its case: what a button names."""
    method: str = Field(max_length=200)
    """Graph's id of it."""
    kind: str = Field(max_length=24)
    name: str = Field(default="", max_length=64)
    """What its owner calls it. Never a phone number."""
    since: datetime | None = None
    state: str = OldState.THERE
    tries: int = 0
    asked_at: datetime | None = None
    """When the last request to delete it was begun."""
