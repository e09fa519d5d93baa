"""Who can be written to in which chat, as far as anybody has looked."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlmodel import Field, SQLModel

from handlers.records.rules import one_of


class ReachState(StrEnum):
    """How it stands between one account and one chat."""

    REACHABLE = "reachable"
    INSTALLING = "installing"
    """Somebody is just giving them the app."""
    NOT_PERMITTED = "not-permitted"
    """They do not have the app, and we may not give it to anybody."""
    NOT_OFFERED = "not-offered"
    """They do not have the app, and the organisation's catalogue does not have it either."""
    REFUSED = "refused"
    """The platform does not let this account have the app."""
    NO_ACCOUNT = "no-account"
    """They are not on this platform."""
    BLOCKED = "blocked"
    """They have blocked the bot."""
    LEFT = "left"
    """They have removed the app."""


CANNOT: Final = (
    ReachState.NO_ACCOUNT,
    ReachState.REFUSED,
    ReachState.NOT_PERMITTED,
    ReachState.NOT_OFFERED,
    ReachState.BLOCKED,
    ReachState.LEFT,
)
"""Those in which nobody is written to."""


class Reached(SQLModel, table=True):
    """One account and one chat, and when anybody looked last, so that nobody is asked of again and again."""

    __tablename__ = "reach"
    __table_args__ = (one_of("state", ReachState),)

    platform: str = Field(primary_key=True, max_length=20)
    account: str = Field(primary_key=True, max_length=36)
    state: str = Field(max_length=20)
    at: datetime
