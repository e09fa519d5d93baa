"""How far people have come in what they are walked through."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class GuideRun(SQLModel, table=True):
    """The guide a person is in, one at a time: it waits for days, and goes on where it was left."""

    __tablename__ = "guide_run"

    platform: str = Field(primary_key=True, max_length=20)
    tenant: str = Field(primary_key=True, max_length=80)
    user: str = Field(primary_key=True, max_length=200)
    guide: str = Field(max_length=20)
    device: str | None = Field(default=None, max_length=10)
    step: str = Field(max_length=40)
    started_at: datetime
    moved_at: datetime
    done_at: datetime | None = None
