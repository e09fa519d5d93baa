"""Where people and channels of Teams can be written to."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class ConversationReference(SQLModel, table=True):
    """A conversation that the bot is in, as the service told of it last: of one person, or of a channel."""

    __tablename__ = "conversation_reference"
    __table_args__ = (Index("ix_conversation_reference_user", "tenant", "user", unique=True),)

    tenant: str = Field(primary_key=True, max_length=80)
    conversation: str = Field(primary_key=True, max_length=500)
    user: str | None = Field(default=None, max_length=200)
    """Object id of the person whose private chat it is; none for a channel."""
    service_url: str = Field(max_length=500)
    locale: str = Field(default="", max_length=40)
    time_zone: str = Field(default="", max_length=80)
    seen_at: datetime
