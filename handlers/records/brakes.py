"""Whether passes are stopped for everybody. One row, written by the migration that made the table."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from handlers.records.rules import one_of


class BrakeReason(StrEnum):
    """Why passes are stopped."""

    STOP = "stop"
    """Somebody stopped them."""
    BREAKER = "breaker"
    """There were twice as many as are usual in a day."""


class Brake(SQLModel, table=True):
    """How it stands now; what was before stands in the audit."""

    __tablename__ = "brake"
    __table_args__ = (one_of("reason", BrakeReason),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    stopped_at: datetime | None = None
    """Since when nobody gets a pass; nothing while people do."""
    stopped_by: str | None = Field(default=None, max_length=256)
    reason: str | None = Field(default=None, max_length=10)
    started_at: datetime | None = None
    """When somebody last let passes out again: the breaker counts from there."""
    started_by: str | None = Field(default=None, max_length=256)
