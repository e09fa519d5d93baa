"""Codes that are typed to prove something: sent to an address on file, or saved at enrolment. Never kept in clear."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class SentCode(SQLModel, table=True):
    """A code that was sent to an address on file."""

    __tablename__ = "sent_code"

    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(max_length=12, index=True, foreign_key="case.id", ondelete="CASCADE")
    route: str = Field(max_length=40)
    code_mac: str = Field(max_length=64)
    """Keyed, since six digits could be searched by whoever has the table."""
    detail: str = Field(default="", max_length=200)
    """What the approver may see of the address, such as its last two digits and its age."""
    sent_at: datetime
    until: datetime
    used_at: datetime | None = None


class Claim(SQLModel, table=True):
    """Somebody saw the requester, or is asked whether they know them; and the claim code that they then give."""

    __tablename__ = "claim"

    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(max_length=12, index=True, foreign_key="case.id", ondelete="CASCADE")
    route: str = Field(max_length=40)
    attester: str = Field(max_length=36, index=True)
    """Object id of whoever gives the code."""
    attester_name: str = Field(max_length=256)
    asked_by: str | None = Field(default=None, max_length=36)
    """The agent who asked, where the attester is somebody else."""
    detail: str = Field(default="", max_length=200)
    """What was checked, or how the requester was recognised."""
    code_mac: str | None = Field(default=None, max_length=64, index=True)
    """Keyed, since 40 bits could be searched by whoever has the table. None: asked, and not answered yet."""
    mac: str | None = Field(default=None, max_length=64)
    """Over the code and what it stands for: no evidence comes of a row that was changed outside this program."""
    at: datetime
    until: datetime
    used_at: datetime | None = None
    """When the code was typed, or the answer was no."""


class RecoveryCode(SQLModel, table=True):
    """The one saved recovery code of an account. A new one takes the place of the old."""

    __tablename__ = "recovery_code"

    account: str = Field(primary_key=True, max_length=36)
    code_mac: str = Field(max_length=64)
    created_at: datetime
    used_at: datetime | None = None
