"""Who is who, and what they have chosen."""

from datetime import datetime

from sqlmodel import Field, SQLModel


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


class Attempt(SQLModel, table=True):
    """How often something limited was tried within a window of time."""

    __tablename__ = "attempt"

    subject: str = Field(primary_key=True, max_length=500)
    window: datetime = Field(primary_key=True)
    count: int = 0
