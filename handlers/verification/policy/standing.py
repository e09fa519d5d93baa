"""How an account stands: its class, and the signs that something is unusual about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from handlers.verification.policy.classes import AccountClass, Classified
from handlers.verification.policy.rules import Rules


class Sign(StrEnum):
    """What raises the bar by one step."""

    PASSWORD = "password"  # noqa: S105 - the name of a sign
    """The password was changed a short while ago."""
    METHODS = "methods"
    """A sign-in method was registered a short while ago."""
    YOUNG_LINK = "young-link"
    """The chat account has been known for a short while only."""
    CONTACT = "contact"
    """The private number or mailbox on file was changed a short while ago."""
    CHAT_EMAIL = "chat-email"
    """The address in chat is not, or is no longer, one of the account's."""
    OFTEN = "often"
    """There were several cases about the account lately."""
    DAILY_CAP = "daily-cap"
    """As many passes were issued today as are usual in a day."""


@dataclass(frozen=True)
class Signs:
    """What was read of the account and its history. ``None`` is "could not be read"."""

    password_changed: datetime | None
    methods_added: tuple[datetime | None, ...] | None
    """When each method was registered, which Graph tells of some only."""
    links_seen: tuple[datetime, ...] | None
    """When each chat account of the owner was first seen; empty when the case was not begun in chat."""
    contacts_changed: tuple[datetime | None, ...] | None
    """When each private address on file was changed; empty where there is none."""
    chat_email_differs: bool | None
    earlier_cases: int
    issued_today: int
    daily_cap: int | None


@dataclass(frozen=True)
class Standing:
    """How an account stands now."""

    classified: Classified
    raised: tuple[str, ...] = ()
    """Why the bar is one step higher."""
    unknown: tuple[str, ...] = ()
    """Signs that could not be read: shown to whoever decides, never left out."""

    def stored(self) -> str:
        """In one short text, for the card of the case."""
        classified = f"{self.classified.account_class}:{self.classified.reason}"
        return ";".join((classified, ",".join(self.raised), ",".join(self.unknown)))

    @classmethod
    def read(cls, stored: str) -> Self | None:
        """What ``stored`` wrote; nothing where nothing was."""
        classified, first, raised = stored.partition(";")
        raised, second, unknown = raised.partition(";")
        account_class, colon, reason = classified.partition(":")
        if not (first and second and colon) or account_class not in set(AccountClass):
            return None
        return cls(Classified(AccountClass(account_class), reason), _listed(raised), _listed(unknown))


def standing(classified: Classified, signs: Signs, now: datetime, rules: Rules) -> Standing:
    """Every sign is raised, quiet or unknown."""
    fresh = timedelta(days=rules.changed_days)
    found: dict[Sign, bool | None] = {
        Sign.PASSWORD: None if signs.password_changed is None else now - signs.password_changed < fresh,
        Sign.METHODS: _any_since(signs.methods_added, now - fresh),
        Sign.YOUNG_LINK: _any_since(signs.links_seen, now - timedelta(days=rules.link_days)),
        Sign.CONTACT: _any_since(signs.contacts_changed, now - timedelta(days=rules.contact_days)),
        Sign.CHAT_EMAIL: signs.chat_email_differs,
        Sign.OFTEN: signs.earlier_cases >= rules.often_cases,
        Sign.DAILY_CAP: None if signs.daily_cap is None else signs.issued_today >= signs.daily_cap,
    }
    return Standing(
        classified,
        raised=tuple(sign.value for sign, is_so in found.items() if is_so),
        unknown=tuple(sign.value for sign, is_so in found.items() if is_so is None),
    )


def _any_since(moments: tuple[datetime | None, ...] | None, since: datetime) -> bool | None:
    """One young enough is enough to know; without one, a moment that is not told leaves it open."""
    if moments is None:
        return None
    if any(moment > since for moment in moments if moment is not None):
        return True
    return None if None in moments else False


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)
