"""Approvals: support decides on a case, in chat or on the web, and nobody past the policy engine."""

from handlers.approvals.deciding import Deciding
from handlers.approvals.feature import Approvals

__all__ = ["Approvals", "Deciding"]
