"""Conversations between a person and support, by way of the bot."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class Relay(SQLModel, table=True):
    """One conversation: the person's direct message on one side, a thread in the support channel on the other.

    The thread is known once the card ``relay:<id>`` of the outbox stands in the channel.
    """

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
    )

    id: int | None = Field(default=None, primary_key=True)
    platform: str = Field(max_length=20)
    tenant: str = Field(max_length=80)
    user: str = Field(max_length=200)
    language: str = Field(max_length=2)
    question: int | None = Field(default=None)
    """The question that led here."""
    opened_at: datetime
    last_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = Field(default=None, max_length=20)
    """``person``, ``support`` or ``silence``."""
