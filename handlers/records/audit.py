"""The audit chain."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel


class AuditRow(SQLModel, table=True):
    """One link of the audit chain: append-only, by trigger. ``data`` is canonical JSON text, as signed."""

    __tablename__ = "audit"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    segment: str = Field(max_length=7, index=True)
    at: datetime
    actor: str | None = Field(default=None, max_length=40)
    """A pseudonym, ``system``, or nobody."""
    action: str = Field(max_length=60)
    case: str | None = Field(default=None, max_length=12, index=True)
    data: str = Field(sa_column=Column("data", Text, nullable=False))
    key_id: str = Field(max_length=16)
    prev: str = Field(max_length=64)
    mac: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The end of the chain: one row, locked by whoever appends, so that the order is total."""

    __tablename__ = "audit_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int
    mac: str = Field(max_length=64)
    segment: str = Field(max_length=7)
    broken_at: int | None = None
    """The first row that is not as it was written, until a named person accepts it."""
    key_id: str = Field(default="", max_length=16)
    seal: str = Field(default="", max_length=64)
    """A MAC over this row: who cuts the end off cannot move the head back to match."""


class AuditSegment(SQLModel, table=True):
    """A closed month of the chain and its last link."""

    __tablename__ = "audit_segment"

    segment: str = Field(primary_key=True, max_length=7)
    last_seq: int
    mac: str = Field(max_length=64)
    closed_at: datetime
    reported_at: datetime | None = None
    """When this end was sent outside, to where nobody can change it with the database."""


class Pseudonym(SQLModel, table=True):
    """Who a pseudonym of the audit stands for. Erasable; the audit rows stay."""

    __tablename__ = "pseudonym"

    pseudonym: str = Field(primary_key=True, max_length=40)
    subject: str = Field(max_length=500, unique=True)
