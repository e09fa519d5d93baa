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


def missing(methods: Iterable[Method], activation_day: date, *, own_telecom: bool) -> Missing:
    """Ready is who has a strong method that still works on the activation day.

    ``own_telecom``: the organisation has its own provider of SMS and voice, so that theirs go on.
    """
    kinds = {method.kind for method in methods}
    strong = {kind for kind in kinds if kind.is_strong}
    telecom_counts = own_telecom or activation_day < TELECOM_ENDS
    if strong - {Kind.PHONE} or (strong and telecom_counts):
        return Missing.NOTHING
    if strong:
        return Missing.ONLY_TELECOM
    return Missing.ONLY_EMAIL if Kind.EMAIL in kinds else Missing.EVERYTHING
