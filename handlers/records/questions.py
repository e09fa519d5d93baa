"""What was asked, and what became of it."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class Question(SQLModel, table=True):
    """One question and its outcome: the thread of a conversation, and what support learns from.

    ``text`` is cleaned of codes, tokens and 11-digit numbers. The row goes, text and person and all, after
    ``retention.questions_days``.
    """

    __tablename__ = "question"
    __table_args__ = (
        Index("ix_question_person", "platform", "tenant", "user", "asked_at"),
        Index("ix_question_thread", "conversation", "thread"),
    )

    id: int | None = Field(default=None, primary_key=True)
    event: str = Field(max_length=500, unique=True)
    """The event that brought it: a repeated event is no second question."""
    platform: str = Field(max_length=20)
    tenant: str = Field(max_length=80)
    user: str = Field(max_length=200)
    conversation: str = Field(max_length=500)
    thread: str | None = Field(default=None, max_length=500)
    private: bool = False
    asked_at: datetime = Field(index=True)
    language: str = Field(max_length=2)
    text: str = Field(default="", max_length=3000)
    kind: str = Field(max_length=20)
    topic: str | None = Field(default=None, max_length=40)
    """What it was answered with."""
    second: str | None = Field(default=None, max_length=40)
    """What the other question in the same message was answered with."""
    alternatives: str = Field(default="", max_length=200)
    """The topics that were offered or came next, best first, joined by commas."""
    chosen: str | None = Field(default=None, max_length=40)
    """The topic the person picked."""
    helpful: bool | None = None
    marked: str | None = Field(default=None, max_length=40)
    """The topic that support says it was about."""
