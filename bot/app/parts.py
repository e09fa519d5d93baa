"""What the features are made of, and who may hand more in."""

from collections.abc import Callable
from dataclasses import dataclass

from handlers.accounts import Accounts, Directory
from handlers.people import People
from handlers.ports import Chats, Clock, SupportIdentity
from handlers.router import Extra
from handlers.store.database import Database
from handlers.verification.desk import Desk


@dataclass(frozen=True)
class Support:
    """What proves who somebody at support is, and the features that come with it."""

    identity: SupportIdentity
    extras: tuple[Extra, ...] = ()


@dataclass(frozen=True)
class Parts:
    """What the features are made of, for whoever hands in ``Support``."""

    database: Database
    chats: Chats
    people: People
    directory: Directory
    accounts: Accounts
    desk: Desk
    clock: Clock


SupportFactory = Callable[[Parts], Support]
