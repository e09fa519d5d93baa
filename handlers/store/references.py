"""Conversation references: kept when Teams tells of a conversation, renewed by whatever comes from there."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.events import Person
from handlers.records import ConversationReference
from handlers.store import reaching
from handlers.store.inserting import insert_into

PLATFORM: Final = "teams"


async def renew(session: AsyncSession, reference: ConversationReference) -> None:
    """From now on this conversation, and the private chat of its person, is reached by this.

    What this telling leaves out of locale and time zone stays as it was. Whatever kept us from writing to the
    person is over.
    """
    if reference.user is not None:
        await reaching.renewed(session, PLATFORM, reference.user, reference.seen_at)
        # A person who deleted the chat and began anew has another conversation.
        await session.execute(
            delete(ConversationReference).where(
                *_of(reference.tenant, reference.user),
                col(ConversationReference.conversation) != reference.conversation,
            )
        )
    row = reference.model_dump()
    told = {
        name: value
        for name, value in row.items()
        if name not in ("tenant", "conversation") and (value or name == "user")
    }
    await session.execute(
        insert_into(session, ConversationReference)
        .values(row)
        .on_conflict_do_update(index_elements=["tenant", "conversation"], set_=told)
    )


async def of_person(session: AsyncSession, person: Person) -> ConversationReference | None:
    """Their private chat with the bot, if one is known."""
    return await _one(session, *_of(person.tenant, person.user))


async def of_conversation(session: AsyncSession, conversation: str) -> ConversationReference | None:
    """How to reach this conversation, if that is known."""
    return await _one(session, col(ConversationReference.conversation) == conversation)


async def forget(session: AsyncSession, person: Person) -> bool:
    """The private chat is gone. False when none was known."""
    gone = await session.execute(
        delete(ConversationReference)
        .where(*_of(person.tenant, person.user))
        .returning(col(ConversationReference.conversation))
    )
    return gone.first() is not None


async def seen_since(session: AsyncSession, conversation: str, moment: datetime) -> bool:
    """Whether the reference was renewed after that moment: then it need not be again so soon."""
    found = await _one(session, col(ConversationReference.conversation) == conversation)
    return found is not None and found.seen_at > moment


async def _one(session: AsyncSession, *where: ColumnElement[bool]) -> ConversationReference | None:
    found = (await session.scalars(select(ConversationReference).where(*where).limit(1))).first()
    if found is not None:
        session.expunge(found)
    return found


def _of(tenant: str, user: str) -> tuple[ColumnElement[bool], ...]:
    return col(ConversationReference.tenant) == tenant, col(ConversationReference.user) == user
