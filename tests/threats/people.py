"""Fjordheim with many more people in it, so that every test has a requester and an approver of its own."""

from dataclasses import replace
from datetime import date
from typing import Final

from bot.sandbox.world import (
    APPROVERS,
    FJORDHEIM,
    Kind,
    Resident,
    World,
    guid,
    slack_id,
    synthetic_number,
)
from bot.sandbox.world.groups import EMPLOYEES
from handlers.messages import Language

HOSTILE: Final = {
    "slack": "Ada <!here> \u202e✅ <https://evil.example|Verified> Berg",
    "teams": "Ada <at>Everyone</at> \u202e✅ [Verified](https://evil.example) {{DATE(2027-01-04,SHORT)}} ${upn} Berg",
}
"""Names as somebody might enter them in the directory: an alarm, a link, letters that turn the line around, macros."""
_REQUESTERS: Final = 200
_APPROVERS: Final = 60


def _member(number: int, name: str, *groups: str, kind: Kind = Kind.STAFF) -> Resident:
    account = f"threat{number}"
    upn = f"{account}@{FJORDHEIM.domain}"
    return Resident(
        object_id=guid("user", account),
        upn=upn,
        mail=upn,
        name=name,
        language=Language.EN,
        kind=kind,
        department="Facilities",
        slack_id=slack_id("U", account),
        methods=("authenticator",),
        groups=(EMPLOYEES, *groups),
        preferred_language="en-GB",
        person_number=synthetic_number(date(1990, 1, 1 + number % 28), account),
    )


REQUESTERS: Final = tuple(_member(number, f"Requester {number:03}") for number in range(_REQUESTERS))
SUPPORTERS: Final = tuple(
    _member(500 + number, f"Approver {number:02}", APPROVERS, kind=Kind.SUPPORT)
    for number in range(_APPROVERS)
)
SCRIPTED: Final = "Robert'); <script>alert(1)</script> \"><img src=x onerror=alert(1)> Berg"
"""A name that would do something on a page."""
HOSTILES: Final = tuple(
    _member(900 + number, name) for number, name in enumerate((*HOSTILE.values(), SCRIPTED))
)
WORLD: Final[World] = replace(
    FJORDHEIM, residents=(*FJORDHEIM.residents, *REQUESTERS, *SUPPORTERS, *HOSTILES)
)
