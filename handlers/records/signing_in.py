"""Sign-ins at Entra of those who work with cases: under way, done, and what a chat account has proved by one."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from handlers.records.logins import LoginAttempt


class SignInAttempt(LoginAttempt, table=True):
    """One sign-in at Entra."""

    __tablename__ = "sign_in_attempt"

    purpose: str = Field(max_length=20)
    """What it is for: comes back with the outcome."""
    record: str = Field(default="", max_length=80)
    """What the purpose is about, such as the hash of a link to a decision."""
    stepping_up: bool = False
    """Whether the authentication context was demanded."""


class StaffSession(SQLModel, table=True):
    """Somebody is signed in to our pages: agent, approver, or the owner of an account."""

    __tablename__ = "staff_session"

    cookie_hash: str = Field(primary_key=True, max_length=64)
    account: str = Field(max_length=36, index=True)
    name: str = Field(max_length=256)
    auth_time: datetime
    stepped_up: bool = False
    """Whether the sign-in held the authentication context of the settings."""
    at: datetime
    until: datetime


class SupportLink(SQLModel, table=True):
    """The tie between a person in chat and an account, made by an Entra sign-in: what approving in chat rests on."""

    __tablename__ = "support_link"

    platform: str = Field(primary_key=True, max_length=20)
    tenant: str = Field(primary_key=True, max_length=80)
    user: str = Field(primary_key=True, max_length=200)
    account: str = Field(max_length=36, index=True)
    email: str = Field(max_length=320)
    """What the chat said then: a change suspends the link until the next sign-in."""
    signed_in_at: datetime
    stepped_up_at: datetime | None = None
    """``auth_time`` of the latest sign-in that held the authentication context."""


class DecisionLink(SQLModel, table=True):
    """A one-time link to decide on a case: only the person who pressed in chat is told it. Its hash is kept."""

    __tablename__ = "decision_link"

    token_hash: str = Field(primary_key=True, max_length=64)
    case: str = Field(max_length=12, index=True, foreign_key="case.id", ondelete="CASCADE")
    decision: str = Field(max_length=10)
    """``approve`` or ``deny``."""
    reason: str = Field(default="", max_length=20)
    """Why it is turned down."""
    platform: str = Field(max_length=20)
    tenant: str = Field(max_length=80)
    user: str = Field(max_length=200)
    until: datetime
    used_at: datetime | None = None
