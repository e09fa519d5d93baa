"""After a create without an answer: look in Graph, and delete a pass of ours whose code nobody saw."""

from datetime import timedelta

import structlog

from graph.errors import NotFound
from graph.passes import Passes
from handlers.records import Case

log = structlog.get_logger(__name__)

_SKEW = timedelta(seconds=30)
"""How far Graph's clock and ours may differ when a pass is told to be ours."""


async def clear(passes: Passes, case: Case) -> None:
    """Make sure that no pass of this case lives on unseen. Idempotent; raises ``GraphError`` when it cannot."""
    if case.issuing_at is None:
        return
    try:
        for found in await passes.list(case.target):
            if found.created >= case.issuing_at - _SKEW:
                await passes.delete(case.target, found.id)
                log.warning("unseen-pass-deleted", case=case.id, pass_id=found.id)
    except NotFound:
        return
