"""Codes that are typed: sent to an address on file, or saved at enrolment. One kind of route, of level 1.

A code proves that somebody reads a telephone or mailbox, or holds a piece of paper. It is never enough alone.
"""

from handlers.verification.codes.aside import Aside
from handlers.verification.codes.feature import Asked, Codes
from handlers.verification.codes.recovery import Recovery
from handlers.verification.codes.sending import Sending

__all__ = ["Aside", "Asked", "Codes", "Recovery", "Sending"]
