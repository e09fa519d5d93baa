"""Our clock, against that of Microsoft Graph: logins, codes and passes go by it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.doctor.finding import Finding, doubtful, fine, wrong
from bot.oidc.building import client_of
from bot.settings import Settings
from graph.skew import MOST, skew_of
from handlers.ports import Clock

_NAME: Final = "Clock"


async def look(settings: Settings, clock: Clock) -> Sequence[Finding]:
    """Ask Graph without a token: it refuses, and says what time it is."""
    before = clock.now()
    async with (
        client_of(settings.http.ca_file) as client,
        client.stream("GET", settings.entra.graph_url) as answer,
    ):
        told = answer.headers.get("Date", "")
    return [judge(told, before, clock.now())]


def judge(told: str, before: datetime, after: datetime) -> Finding:
    """``told`` is the header ``Date`` of an answer that came between two looks at our clock."""
    skew = skew_of(told, before, after)
    if skew is None:
        return doubtful(
            _NAME, "Graph did not say what time it is", "compare the clock of this machine by hand"
        )
    seconds = f"{abs(skew.total_seconds()):.0f} s"
    if abs(skew) > MOST:
        way = "ahead of" if skew > timedelta(0) else "behind"
        return wrong(
            _NAME,
            f"{seconds} {way} Microsoft Graph: no pass is given",
            "let this machine set its clock by NTP",
        )
    return fine(_NAME, f"within {MOST.total_seconds():g} s of Microsoft Graph")
