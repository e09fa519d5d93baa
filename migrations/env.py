"""Runs the revisions on a connection that the caller opened, and in the caller's transaction.

``handlers.store.database`` holds the lock, the transaction and the event loop; nothing here is asynchronous.
"""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, DateTime, String
from sqlalchemy.types import TypeDecorator

from handlers.records import Case


def _plain(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """Write the column types of SQLModel as what they are in the database: a revision must not change with it."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    if isinstance(item.impl_instance, String):
        length = item.impl_instance.length
        return f"sa.String(length={length})" if length else "sa.String()"
    return "sa.DateTime(timezone=True)" if isinstance(item.impl_instance, DateTime) else False


connection = context.config.attributes["connection"]
if not isinstance(connection, Connection):
    raise TypeError("a connection is needed: see handlers.store.database")
context.configure(
    connection=connection,
    target_metadata=Case.metadata,
    render_as_batch=True,
    render_item=_plain,
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
