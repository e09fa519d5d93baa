"""What was read of the directory audit. One row says how far; the migration that made the table wrote it."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class DirectoryWatch(SQLModel, table=True):
    """How far the directory audit is read."""

    __tablename__ = "directory_watch"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    began_at: datetime | None = None
    """The first look: what was done before is nobody's business here."""
    read_at: datetime | None = None
    """When everything up to then had been read."""
    looked_at: datetime | None = None
    """When a replica last set about reading."""


class DirectoryPass(SQLModel, table=True):
    """A pass that the directory audit tells of. Entries come late and are read twice: each counts once."""

    __tablename__ = "directory_pass"

    audit_id: str = Field(primary_key=True, max_length=200)
    """Entra's id of its entry."""
    at: datetime = Field(index=True)
    issuing: int | None = Field(default=None, unique=True)
    """The row of our own audit that accounts for it: each accounts for one."""
