"""A message to be sent, as its sender hands it over, as its row holds it, and as its deliverer gets it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.events import Person, Place
from handlers.messages import ClaimCode, Data, Language, name_of
from handlers.records import OutboxState, Outgoing
from handlers.store.errors import NotForOutbox
from handlers.store.messages import dumped, loaded

BULK: Final = 9
"""From this priority on, messages go at the pace that the platform takes, and no faster."""
_SECRET: Final = (ClaimCode,)
"""Messages that may only be shown."""


@dataclass(frozen=True)
class Post:
    """A message to be sent. ``key`` is unique for ever: what is to be said again needs another one."""

    key: str
    target: Person | Place
    data: Data
    language: Language
    due_at: datetime
    priority: int = 5
    """Lower goes first: 1 a person waits, 5 a notice, 9 a reminder."""
    replaces: str | None = None
    """The key of the earlier post whose message this one takes the place of."""


@dataclass(frozen=True)
class Claimed:
    """A message that is ours to send until the lease runs out."""

    id: int
    post: Post
    tenant: str
    attempts: int
    repeated: bool
    """Somebody may have sent it already."""


def row_of(post: Post, tenant: str) -> dict[str, object]:
    """The columns of a post. ``NotForOutbox`` for a message that holds a secret."""
    if isinstance(post.data, _SECRET):
        raise NotForOutbox(name_of(type(post.data)))
    person = post.target if isinstance(post.target, Person) else None
    place = post.target if isinstance(post.target, Place) else None
    return {
        "key": post.key,
        "platform": post.target.platform,
        "tenant": person.tenant if person else tenant,
        "user": person.user if person else None,
        "conversation": place.conversation if place else None,
        "thread": place.thread if place else None,
        "private": place.private if place else False,
        "replaces": post.replaces,
        "name": name_of(type(post.data)),
        "data": dumped(post.data),
        "language": post.language,
        "priority": post.priority,
        "due_at": post.due_at,
    }


def claimed_of(row: Outgoing, *, replaces: str | None) -> Claimed | None:
    """What a row holds, as it was before it was claimed; nothing when this program cannot read it."""
    data = loaded(row.name, row.data)
    if row.id is None or data is None:
        return None
    place = Place(row.platform, row.conversation or "", row.thread, row.private)
    post = Post(
        key=row.key,
        target=Person(row.platform, row.tenant, row.user) if row.user is not None else place,
        data=data,
        language=Language(row.language),
        due_at=row.due_at,
        priority=row.priority,
        replaces=replaces,
    )
    repeated = row.repeated or row.state == OutboxState.SENDING
    return Claimed(row.id, post, row.tenant, row.attempts + 1, repeated)
