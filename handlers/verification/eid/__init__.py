"""Verification by eID: a login in the browser, and a yes or a no from the directory.

A chat proves nothing: it opens the case and is told how it stands. An address that somebody types proves nothing
either. What counts is that the number of whoever logged in is the number that the directory has for the account.
"""

from handlers.verification.eid.admitting import COLLEAGUE
from handlers.verification.eid.doors import LOGINS_PER_DAY, LOGINS_PER_DOOR
from handlers.verification.eid.feature import ByEid
from handlers.verification.eid.links import CODES_PER_CASE, LOGINS_PER_CASE, Intent, Link
from handlers.verification.eid.parts import LINK_LIFE, LOGIN_LIFE, ROUTE

__all__ = [
    "CODES_PER_CASE",
    "COLLEAGUE",
    "LINK_LIFE",
    "LOGINS_PER_CASE",
    "LOGINS_PER_DAY",
    "LOGINS_PER_DOOR",
    "LOGIN_LIFE",
    "ROUTE",
    "ByEid",
    "Intent",
    "Link",
]
