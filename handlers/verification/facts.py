"""What else is known of whoever asks: nothing that decides, and all that helps somebody who does."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Self

from handlers.store.history import History
from handlers.verification.networks import UNKNOWN
from handlers.verification.policy import Sign
from handlers.verification.standing import Stands

SAME = "same"
DIFFERS = "differs"


@dataclass(frozen=True)
class Facts:
    """As of the last proof. Days are ``2026-11-24``; what could not be read is ``unknown``."""

    created: str = UNKNOWN
    """Since when there is the account."""
    last_sign_in: str = UNKNOWN
    platform: str = ""
    """The chat that the case was begun in; empty when it was begun elsewhere."""
    email: str = ""
    """Whether the chat's address is the account's: ``same``, ``differs`` or ``unknown``."""
    linked: str = ""
    """Since when the youngest chat account is known here."""
    earlier: str = UNKNOWN
    """How many cases there were lately."""
    network: str = UNKNOWN
    """Where the proof came from: ``own``, ``other`` or ``unknown``."""

    def stored(self) -> str:
        """In one short text, for the card of the case."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def read(cls, stored: str) -> Self:
        """What ``stored`` wrote; nothing is known where nothing was."""
        if not stored:
            return cls()
        found, known = json.loads(stored), {field.name for field in fields(cls)}
        return cls(**{name: str(value) for name, value in found.items() if name in known})


def facts_of(stands: Stands, network: str) -> Facts:
    """What the reading of an account told, beside its standing."""
    past, user = stands.past, stands.looked.user
    return Facts(
        created=_day(user.created if user else None),
        last_sign_in=_day(stands.last_sign_in),
        platform=_platform(past),
        email=_email(stands) if past.in_chat else "",
        linked=_day(max((link.first_seen for link in past.links), default=None)) if past.in_chat else "",
        earlier=str(past.earlier_cases),
        network=network,
    )


def _platform(past: History) -> str:
    if not past.in_chat:
        return ""
    return ",".join(sorted({link.platform for link in past.links})) or UNKNOWN


def _email(stands: Stands) -> str:
    if Sign.CHAT_EMAIL in stands.standing.unknown:
        return UNKNOWN
    return DIFFERS if Sign.CHAT_EMAIL in stands.standing.raised else SAME


def _day(moment: datetime | None) -> str:
    return UNKNOWN if moment is None else moment.date().isoformat()
