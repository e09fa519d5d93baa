"""The registration report, which tells for everybody at once who is ready for the activation day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.doctor.asking import LIMITS
from bot.doctor.finding import Finding, doubtful, fine
from bot.microsoft import directory_on, graph_of
from bot.settings import Settings
from graph.errors import Forbidden, GraphError, NoPremiumLicence
from graph.reports import REPORT, RegistrationRow
from handlers.ports import Clock
from handlers.rollout.budget import ours
from handlers.store.registrations import FRESH

_NAME: Final = "Registration report"


async def look(settings: Settings, clock: Clock) -> Sequence[Finding]:
    """One request, of the five that Microsoft Graph allows in ten seconds."""
    found: RegistrationRow | GraphError | None
    try:
        async with graph_of(settings, LIMITS) as graph:
            found = await directory_on(graph).reports.sample()
    except Forbidden as error:
        found = error
    return [judge(found, clock.now(), settings.entra.report_rate)]


def judge(found: RegistrationRow | GraphError | None, now: datetime, rate: int) -> Finding:
    """``found`` is one row of it, or why there is none."""
    slow = (
        f"accounts are looked at one by one instead, {ours(rate) * 360:,} an hour, "
        "and a reminder may have to say what was so earlier"
    )
    match found:
        case NoPremiumLicence():
            remedy = "leave it, if that is fast enough for your waves, or get Entra ID P1"
            return doubtful(_NAME, f"the tenant has no Entra ID P1, which it needs: {slow}", remedy)
        case Forbidden():
            remedy = f"grant {REPORT} to the app registration in Entra, with an admin's consent"
            return doubtful(_NAME, f"the permission {REPORT} is missing: {slow}", remedy)
        case RegistrationRow(refreshed=at) if at is not None:
            age = max(0, round((now - at).total_seconds() / 3600))
            late = f": {slow}" if now - at > FRESH else ""
            return fine(_NAME, f"can be read, and is {age} {'hour' if age == 1 else 'hours'} old{late}")
        case _:
            return fine(_NAME, "can be read")
