"""Conversations between a person and support, by way of the bot."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from handlers.records.rules import one_of


class Side(StrEnum):
    """The two ends of a conversation."""

    PERSON = "person"
    SUPPORT = "support"


class LineState(StrEnum):
    """Where a line stands. One of each side is out at a time, so that they arrive in order."""

    WAITING = "waiting"
    OUT = "out"
    DONE = "done"
    LOST = "lost"


class Relay(SQLModel, table=True):
    """One conversation: the person's direct message on one side, a thread in the support channel on the other."""

    __tablename__ = "relay"
    __table_args__ = (
        Index(
            "uq_relay_open",
            "platform",
            "tenant",
            "user",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_relay_thread", "conversation", "thread"),
    )

    id: str = Field(primary_key=True, max_length=20)
    """Random: keys of the outbox are made of it, and those are unique for ever."""
    event: str = Field(max_length=500, unique=True)
    """The press that opened it."""
    platform: str = Field(max_length=20)
    tenant: str = Field(max_length=80)
    user: str = Field(max_length=200)
    language: str = Field(max_length=2)
    question: int | None = Field(default=None)
    """The question that led here."""
    card: dict[str, object] = Field(sa_column=Column("card", JSON, nullable=False))
    """What the card in the support channel says, as of the opening."""
    stands_on: str = Field(max_length=20)
    """The platform of the support channel that it stands in, which need not be the person's."""
    conversation: str | None = Field(default=None, max_length=500)
    thread: str | None = Field(default=None, max_length=500)
    """Where the card stands, once it does."""
    marked: str | None = Field(default=None, max_length=40)
    """The topic that support says it was about."""
    opened_at: datetime
    last_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = Field(default=None, max_length=20)
    """``person``, ``support``, ``silence``, ``moved`` or ``trouble``: see ``handlers.messages.relay.ENDED_BY``."""
    ended_name: str = Field(default="", max_length=200)


class RelayLine(SQLModel, table=True):
    """One message of a conversation on its way to one side; its words go once it has arrived."""

    __tablename__ = "relay_line"
    __table_args__ = (
        one_of("side", Side),
        one_of("state", LineState),
        Index("ix_relay_line_state", "state", "relay"),
    )

    id: int | None = Field(default=None, primary_key=True)
    relay: str = Field(max_length=20, index=True, foreign_key="relay.id", ondelete="CASCADE")
    key: str = Field(max_length=500, unique=True)
    """The event that brought it, or what it tells: nothing comes twice."""
    side: str = Field(max_length=12)
    """Whom it goes to."""
    said_at: datetime
    """When it came in, which is its turn."""
    name: str = Field(max_length=60)
    data: dict[str, object] | None = Field(
        default=None, sa_column=Column("data", JSON(none_as_null=True), nullable=True)
    )
    state: str = LineState.WAITING
