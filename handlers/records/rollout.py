"""The plan and its reminders."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel


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
