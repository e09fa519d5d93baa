"""Passes: issued once, on the *Show* press of the bound and verified requester, and followed to the end."""

from handlers.passes.follow import Follow
from handlers.passes.issue import Issue, Shown
from handlers.passes.preflight import Refused
from handlers.passes.removing import Removing

__all__ = ["Follow", "Issue", "Refused", "Removing", "Shown"]
