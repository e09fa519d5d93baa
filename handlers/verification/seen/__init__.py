"""Routes on which a person sees the requester: an agent at the desk or on video, or the manager. One kind of route.

Whoever saw them gives a claim code, in words and never by chat; typed on the case page it is evidence.
"""

from handlers.verification.seen.agents import Agents
from handlers.verification.seen.claiming import Claiming
from handlers.verification.seen.codes import Code, normal
from handlers.verification.seen.desk import Desk, Seat, needs_document
from handlers.verification.seen.giving import Giving
from handlers.verification.seen.vouching import Asked, Question, Vouching

__all__ = [
    "Agents",
    "Asked",
    "Claiming",
    "Code",
    "Desk",
    "Giving",
    "Question",
    "Seat",
    "Vouching",
    "needs_document",
    "normal",
]
