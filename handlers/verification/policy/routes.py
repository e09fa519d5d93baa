"""The ways in which a requester can prove who they are, and what each is worth."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class RouteKind(StrEnum):
    """By what means a route proves something."""

    EID = "eid"
    SEEN = "seen"
    """Somebody saw or recognised the requester, and says so."""
    CODE = "code"
    """A code was sent to an address on file, or saved at enrolment."""


IN_PERSON = frozenset({"photo-id", "face"})
"""Without both of these checks nobody has seen a requester well enough for more than level 1."""


@dataclass(frozen=True)
class Route:
    """One way, as it stands in the settings."""

    name: str
    kind: RouteKind
    level: int
    checks: tuple[str, ...] = ()
    """What whoever saw the requester must have checked; for a manager, how they recognised the requester."""
    attester: str = "agent"
    """Who sees the requester: ``agent`` or ``manager``."""
    address: str = ""
    """Where a code comes from: ``phone``, ``mail`` or ``saved``."""
    unchanged_days: int = 30
    """For how long the address must have stood in the register."""
    staffed_hours: bool = False
    """Whether it is open only while support is at work."""

    @property
    def method(self) -> tuple[RouteKind, str]:
        """What it defeats: two routes of one method are no two proofs, whatever they are called."""
        return self.kind, {RouteKind.SEEN: self.attester, RouteKind.CODE: self.address}.get(self.kind, "")

    @property
    def way(self) -> str:
        """What to call it in words: ``eid``, ``desk``, ``video``, ``manager``, ``phone``, ``mail`` or ``saved``."""
        match self.kind:
            case RouteKind.EID:
                return "eid"
            case RouteKind.CODE:
                return self.address
            case RouteKind.SEEN if self.attester == "manager":
                return "manager"
            case RouteKind.SEEN:
                return "desk" if self.most > 1 else "video"
        assert_never(self.kind)

    @property
    def most(self) -> int:
        """The most that a route of this kind can be worth: what is only on a screen, or only a code, is weak."""
        if self.kind is RouteKind.EID:
            return 4
        in_person = self.kind is RouteKind.SEEN and self.attester == "agent"
        return 3 if in_person and set(self.checks) >= IN_PERSON and "challenge" not in self.checks else 1


EID = Route("eid", RouteKind.EID, 4)
DESK = Route("desk", RouteKind.SEEN, 3, checks=("photo-id", "face", "name"))
VIDEO = Route(
    "video",
    RouteKind.SEEN,
    1,
    checks=("challenge", "id-beside-face", "photo-on-file", "called-user"),
    staffed_hours=True,
)
MANAGER = Route(
    "manager",
    RouteKind.SEEN,
    1,
    checks=("in-person", "video", "voice"),
    attester="manager",
    staffed_hours=True,
)
SMS = Route("sms", RouteKind.CODE, 1, address="phone")
MAIL = Route("mail", RouteKind.CODE, 1, address="mail")
RECOVERY = Route("recovery", RouteKind.CODE, 1, address="saved")

DEFAULT_ROUTES: tuple[Route, ...] = (EID, DESK, VIDEO, MANAGER, SMS, MAIL, RECOVERY)
"""The routes there are unless the settings say otherwise. The level of an eID is its provider's."""
