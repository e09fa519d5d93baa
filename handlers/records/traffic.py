"""What comes in from the platforms, and what goes out to them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from handlers.records.rules import one_of


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
    __table_args__ = (one_of("state", InboxState), Index("ix_inbox_work", "state", "lease_until"))

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
        one_of("state", OutboxState),
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


class SendingPace(SQLModel, table=True):
    """How fast messages that nobody waits for go out on a platform, by all replicas together."""

    __tablename__ = "pace"

    platform: str = Field(primary_key=True, max_length=20)
    rate: float
    """Messages a second."""
    allowance: float
    """How many may go now; less than one means waiting."""
    at: datetime
    """When the allowance was reckoned."""
    changed_at: datetime
    """When the rate was."""
    ceiling: float = 0.0
    """The rate at which the platform asked for a pause last; 0 when it never has."""
