"""Insertion of rows that may stand already: the same words for both databases."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel


def insert_into(session: AsyncSession, model: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An ``INSERT`` that can say ``ON CONFLICT``, in the dialect of this session."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(model)
    return sqlite.insert(model)
