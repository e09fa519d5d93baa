"""What a plan file would change in the plan, and which of its lines cannot be followed. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from handlers.readiness import TELECOM_ENDS
from handlers.records import Source
from handlers.rollout.plan_file import (
    ACCOUNT,
    ACTIVATION_DAY,
    LANGUAGE,
    WAVE,
    LineProblem,
    Parsed,
    PlanRow,
    second_line,
)
from handlers.rollout.resolver import Resolved, ResolvedUser


class Kind(StrEnum):
    """What happens to an account."""

    ADDED = "added"
    MOVED = "moved"
    REMOVED = "removed"
    UPDATED = "updated"
    """Another wave, language or address on the same day."""
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Held:
    """What the plan holds of an account before the import."""

    account: str
    upn: str
    mail: str | None
    activation_day: date
    wave: str | None
    language: str | None
    source: str = Source.FILE
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One account as it was and as it is to be; nothing stands for "not in the plan"."""

    before: Held | None
    after: Held | None

    @property
    def account(self) -> str:
        """Whom it is about."""
        return next(held.account for held in (self.after, self.before) if held)

    @property
    def kind(self) -> Kind:
        """What happens to it."""
        if self.before == self.after:
            return Kind.UNCHANGED
        if self.before is None:
            return Kind.ADDED
        if self.after is None:
            return Kind.REMOVED
        return Kind.UPDATED if self.day_before == self.day_after else Kind.MOVED

    @property
    def day_before(self) -> date | None:
        """The activation day so far."""
        return self.before.activation_day if self.before else None

    @property
    def day_after(self) -> date | None:
        """The activation day from now on."""
        return self.after.activation_day if self.after else None

    @property
    def keeps_readiness(self) -> bool:
        """Whether who was ready is so for the new day too, as far as SMS and voice go."""
        if self.day_before is None or self.day_after is None:
            return False
        return not self.day_before < TELECOM_ENDS <= self.day_after


@dataclass(frozen=True, slots=True)
class Target:
    """A line and the account that it means."""

    row: PlanRow
    user: ResolvedUser


def targets(
    rows: Iterable[PlanRow], resolved: Mapping[str, Resolved], leaving: Mapping[str, Held]
) -> tuple[list[Target], list[LineProblem]]:
    """The accounts that the lines mean, each once.

    ``leaving``: entries of the plan by the casefolded name in a removing line, so that somebody whom the
    directory does not know any more can still be taken out.
    """
    found: list[Target] = []
    problems: list[LineProblem] = []
    seen: dict[str, int] = {}
    for row in rows:
        user = resolved.get(row.account)
        if user is None and row.activation_day is None:
            user = _of_plan(leaving.get(row.account.casefold()))
        if not isinstance(user, ResolvedUser):
            problems.append(_problem(row, *(_SEVERAL if user else _NOBODY)))
            continue
        first = seen.setdefault(user.account, row.line)
        if first == row.line:
            found.append(Target(row, user))
        else:
            problems.append(_problem(row, *second_line(first)))
    return found, problems


def _of_plan(held: Held | None) -> ResolvedUser | None:
    return ResolvedUser(held.account, held.upn, held.mail) if held else None


_SEVERAL = ("several accounts have this address", "write the object id instead")
_NOBODY = (
    "the directory knows no such account",
    "correct it or remove the line; an account in the plan leaves it by an empty activation_day",
)


def changes(
    parsed: Parsed, wanted: Iterable[Target], plan: Mapping[str, Held], today: date
) -> tuple[list[Change], list[LineProblem]]:
    """What each line makes of its account. A past day is refused, unless the plan holds that very day already."""
    made: list[Change] = []
    problems: list[LineProblem] = []
    for target in wanted:
        before = plan.get(target.user.account)
        day = target.row.activation_day
        if day is not None and day < today and (before is None or before.activation_day != day):
            what, remedy = f"{day.isoformat()} has passed", f"write a day from {today.isoformat()} on"
            problems.append(LineProblem(target.row.line, ACTIVATION_DAY, what, remedy))
        else:
            made.append(Change(before, _after(parsed, target, before, day)))
    return made, problems


def _after(parsed: Parsed, target: Target, before: Held | None, day: date | None) -> Held | None:
    if day is None:
        return None
    row, user = target.row, target.user
    held_wave, held_language = (before.wave, before.language) if before else (None, None)
    return Held(
        account=user.account,
        upn=user.upn,
        mail=user.mail,
        activation_day=day,
        wave=row.wave if WAVE in parsed.columns else held_wave,
        language=row.language if LANGUAGE in parsed.columns else held_language,
        source=Source.FILE,
        excluded=before.excluded if before else False,
    )


def _problem(row: PlanRow, what: str, remedy: str) -> LineProblem:
    return LineProblem(row.line, ACCOUNT, what, remedy)
