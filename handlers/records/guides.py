"""How far people have come in what they are walked through."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class GuideRun(SQLModel, table=True):
    """The guide a person is in, one at a time: it waits for days, and goes on where it was left.

    Its card in the chat is one message, known by the key of its post.
    """

    __tablename__ = "guide_run"

    platform: str = Field(primary_key=True, max_length=20)
    tenant: str = Field(primary_key=True, max_length=80)
    user: str = Field(primary_key=True, max_length=200)
    guide: str = Field(max_length=20)
    device: str | None = Field(default=None, max_length=10)
    step: str = Field(max_length=40)
    view: str = Field(max_length=20)
    moves: int = 0
    """Counts every change of this row: a press names the count it was made at, so an old one is told from a new."""
    card: str = Field(max_length=500)
    methods_before: str | None = None
    """Ids of the sign-in methods at the start, with commas between them; none when nobody could tell."""
    started_at: datetime
    moved_at: datetime = Field(index=True)
    done_at: datetime | None = None
