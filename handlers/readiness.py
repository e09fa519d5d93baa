"""What an account still lacks before its activation day. A rule over its methods: no look-up, no clock."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from graph.methods import Kind, Method

TELECOM_ENDS = date(2027, 2, 1)
"""From this day on Microsoft delivers no codes by SMS and voice call any more.

https://learn.microsoft.com/entra/identity/authentication/concept-sms-voice-retirement (text of 2026-06-10)
"""


class Missing(StrEnum):
    """What stands between an account and being ready."""

    NOTHING = "nothing"
    """It is ready."""
    ONLY_TELECOM = "only-telecom"
    """It has SMS or voice calls only, which stop before the activation day."""
    ONLY_EMAIL = "only-email"
    """It has an address to reset the password with, which is no second factor."""
    EVERYTHING = "everything"
    UNKNOWN = "unknown"
    """Nobody could look."""


def missing(methods: Iterable[Method], activation_day: date, *, own_telecom: bool) -> Missing:
    """Ready is who has a strong method that still works on the activation day.

    ``own_telecom``: the organisation has its own provider of SMS and voice, so that theirs go on.
    """
    return missing_of((method.kind for method in methods), activation_day, own_telecom=own_telecom)


def missing_of(kinds: Iterable[Kind], activation_day: date, *, own_telecom: bool) -> Missing:
    """The same by the kinds alone, as the registration report tells them."""
    there = set(kinds)
    if working(there, activation_day, own_telecom=own_telecom):
        return Missing.NOTHING
    if any(kind.is_strong for kind in there):
        return Missing.ONLY_TELECOM
    return Missing.ONLY_EMAIL if Kind.EMAIL in there else Missing.EVERYTHING


def working(kinds: Iterable[Kind], day: date, *, own_telecom: bool) -> set[Kind]:
    """Those that count as a second factor on a day."""
    telecom_counts = own_telecom or day < TELECOM_ENDS
    return {kind for kind in kinds if kind.is_strong and (telecom_counts or kind is not Kind.PHONE)}


def has_spare_of(kinds: Iterable[Kind], day: date, *, own_telecom: bool) -> bool:
    """Whether somebody who loses one way of signing in has another. Two kinds of an app are on one phone."""
    there = working(kinds, day, own_telecom=own_telecom)
    on_one_phone = {Kind.AUTHENTICATOR, Kind.SOFTWARE_OATH}
    return len(there - on_one_phone) + bool(there & on_one_phone) > 1
