"""What is known of who has set up what. Kinds of methods only: no name, number or address."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from handlers.records.rules import one_of


class Strength(StrEnum):
    """What an account has, without regard to the day: the rest is the rule in ``handlers.readiness``."""

    STRONG = "strong"
    """A second factor that is here to stay."""
    TELECOM = "telecom"
    """Text messages or calls, and nothing better."""
    EMAIL = "email"
    """An address to reset the password with, which is no second factor."""
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    """It was looked for, and Microsoft Graph did not tell."""


class LearnedBy(StrEnum):
    """How it was learned."""

    REPORT = "report"
    """From the registration report, which is some hours old when it is read."""
    METHODS = "methods"
    """By a look at the account itself."""


class Registration(SQLModel, table=True):
    """One account of the plan, as it was when anybody last looked."""

    __tablename__ = "registration"
    __table_args__ = (one_of("strength", Strength), one_of("learned_by", LearnedBy))

    account: str = Field(primary_key=True, max_length=36)
    strength: str = Field(max_length=10)
    kinds: str = Field(default="", max_length=200)
    """The kinds of its methods, in order, with commas between."""
    as_of: datetime = Field(index=True)
    """Of the report its own time, not when we read it."""
    learned_by: str = Field(max_length=10)


class Trouble(StrEnum):
    """Why the report cannot be read."""

    NO_LICENCE = "no-licence"
    """The tenant has no Entra ID P1."""
    NO_PERMISSION = "no-permission"


class ReportReading(SQLModel, table=True):
    """How the report was last read. One row; the migration that made the table wrote it."""

    __tablename__ = "report_reading"
    __table_args__ = (one_of("trouble", Trouble),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    began_at: datetime | None = None
    ended_at: datetime | None = None
    """When it was last read whole, or refused."""
    lease_until: datetime | None = None
    """Until then a replica is reading it."""
    accounts: int = 0
    requests: int = 0
    trouble: str | None = Field(default=None, max_length=20)
