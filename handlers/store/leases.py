"""When a lease counts for nothing any more."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, SQLColumnExpression, or_

SKEW: Final = timedelta(minutes=5)
"""How far the clocks of two replicas may differ without one taking the other's work."""


def run_out(
    until: SQLColumnExpression[datetime | None], now: datetime, lease: timedelta
) -> ColumnElement[bool]:
    """It is past, or further ahead than anybody takes one: then a clock was set back, and nobody holds it."""
    return or_(until < now, until > now + lease + SKEW)
