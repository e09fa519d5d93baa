"""What is told outside chat, and how the owner of an account says that it was not them."""

from datetime import datetime

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from handlers.records.rules import one_of
from handlers.records.traffic import OutboxState


class Notice(SQLModel, table=True):
    """One notice by one channel. Neither its words nor its address are kept: both are made when it is sent."""

    __tablename__ = "notice"
    __table_args__ = (
        one_of("state", OutboxState),
        UniqueConstraint("key"),
        Index("ix_notice_due", "channel", "state", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160)
    case: str | None = Field(
        default=None, max_length=12, index=True, foreign_key="case.id", ondelete="CASCADE"
    )
    kind: str = Field(max_length=30)
    """The state that the case has come to, or what security is woken for."""
    channel: str = Field(max_length=20)
    facts: dict[str, object] | None = Field(
        default=None, sa_column=Column("facts", JSON(none_as_null=True), nullable=True)
    )
    """Ids and counts for security. Never what a person wrote, and never a name."""
    at: datetime
    """When it happened."""
    due_at: datetime
    state: str = OutboxState.PENDING
    lease_owner: str | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    lost: int = 0
    """How many of them ended without anybody knowing what became of it."""
    sent_at: datetime | None = None
    failure: str | None = Field(default=None, max_length=60)


class NotMe(SQLModel, table=True):
    """A link that says "it wasn't me". It works while its case lives, and for a while after the end."""

    __tablename__ = "not_me"

    token_hash: str = Field(primary_key=True, max_length=64)
    case: str = Field(max_length=12, index=True, foreign_key="case.id", ondelete="CASCADE")
    at: datetime


class Freeze(SQLModel, table=True):
    """The owner of an account said that this case was not theirs: no new case for a while. Said once per case."""

    __tablename__ = "freeze"

    case: str = Field(primary_key=True, max_length=12, foreign_key="case.id", ondelete="CASCADE")
    account: str = Field(max_length=36, index=True)
    at: datetime
    until: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = Field(default=None, max_length=256)
