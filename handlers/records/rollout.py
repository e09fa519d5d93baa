"""The plan and its reminders."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import false
from sqlmodel import Field, SQLModel


class Source(StrEnum):
    """What holds an account in the plan."""

    FILE = "file"
    GROUP = "group"
    """Nothing but a wave's group: who leaves it, leaves the plan."""


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
    source: str = Field(default=Source.FILE, max_length=8, sa_column_kwargs={"server_default": Source.FILE})
    excluded: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """In one of ``rollout.exclude_groups``: never reminded, never handed to whoever activates."""


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
    """What became of it: a word of ``handlers.rollout.keys.Outcome``."""
    at: datetime


class LeftOut(SQLModel, table=True):
    """An account that a file took out of the plan though its group is a wave: it stays out until a file names it."""

    __tablename__ = "left_out"

    account: str = Field(primary_key=True, max_length=36)
    at: datetime
    by: str = Field(max_length=128)


class MovedDay(SQLModel, table=True):
    """A person who had been told of one activation day and has another now, and whether they know."""

    __tablename__ = "moved_day"

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(max_length=36, index=True)
    before: date
    """The day they were told of."""
    after: date
    outcome: str = Field(max_length=40, index=True)
    """``waiting``, ``withdrawn``, or as in ``Due``."""
    at: datetime


class Pause(SQLModel, table=True):
    """A time in which nobody of a wave is reminded, or nobody at all. It has no end as long as it lasts."""

    __tablename__ = "rollout_pause"

    id: int | None = Field(default=None, primary_key=True)
    wave: str | None = Field(default=None, max_length=80)
    """Nothing: the whole rollout."""
    paused_at: datetime
    paused_by: str = Field(max_length=128)
    resumed_at: datetime | None = None
    resumed_by: str | None = Field(default=None, max_length=128)


class WaveDay(SQLModel, table=True):
    """How the accounts of a wave with one activation day stood on a local day: numbers, without anybody in them."""

    __tablename__ = "rollout_day"

    day: date = Field(primary_key=True)
    wave: str = Field(primary_key=True, max_length=80)
    """Empty for accounts without a wave."""
    activation_day: date = Field(primary_key=True)
    accounts: int
    ready: int
    reminded: int
    unreachable: int
    disabled: int
    gone: int
    guest: int
    excluded: int
