"""What every login that leaves our pages keeps while it is under way."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class LoginAttempt(SQLModel):
    """One login, bound to the browser that began it; emptied when it is used."""

    cookie_hash: str = Field(primary_key=True, max_length=64)
    state: str = Field(max_length=64)
    nonce: str = Field(max_length=64)
    verifier: str = Field(max_length=128)
    redirect_uri: str = Field(max_length=500)
    at: datetime
    used_at: datetime | None = None
