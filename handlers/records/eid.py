"""Ways into a case from outside chat, and logins by eID that are under way."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from handlers.records.logins import LoginAttempt


class Invitation(SQLModel, table=True):
    """A one-time link to a case. Neither the link nor the code that goes with it is kept, only their hashes."""

    __tablename__ = "invitation"

    token_hash: str = Field(primary_key=True, max_length=64)
    case: str = Field(max_length=12, index=True, foreign_key="case.id", ondelete="CASCADE")
    code_mac: str = Field(max_length=64)
    """Keyed, since six digits could be searched by whoever has the table."""
    asked_at: datetime
    until: datetime
    used_at: datetime | None = None


class EidAttempt(LoginAttempt, table=True):
    """One login at a provider of eID."""

    __tablename__ = "eid_attempt"

    case: str | None = Field(
        default=None, max_length=12, index=True, foreign_key="case.id", ondelete="CASCADE"
    )
    door: str | None = Field(default=None, max_length=64, index=True)
    """The visit to the front door that began it, where no case stands yet."""
    provider: str = Field(max_length=40)


class Door(SQLModel, table=True):
    """A visit to the front door: the account whose address was typed, or nobody's. The page is the same for both."""

    __tablename__ = "door"

    cookie_hash: str = Field(primary_key=True, max_length=64)
    account: str | None = Field(default=None, max_length=36, index=True)
    at: datetime
    until: datetime
