"""The groups that the settings name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.doctor.finding import Finding, doubtful, fine, wrong
from bot.settings import Settings
from graph.errors import NotFound
from graph.groups import Groups

_ENOUGH: Final = 100
"""More are not counted."""


@dataclass(frozen=True)
class Named:
    """One group. ``least`` enabled accounts have to be in it for the bot to work, and ``wanted`` to work well."""

    key: str
    id: str
    least: int = 0
    wanted: int = 1


def named(settings: Settings) -> Iterator[Named]:
    """Every group that a key of the settings names."""
    if settings.approval.group:
        strictest = settings.verification.policy.strict_approvals
        yield Named("approval.group", settings.approval.group, 1, strictest)
    if settings.approval.fallback_group:
        yield Named("approval.fallback_group", settings.approval.fallback_group)
    if settings.approval.on_call_group:
        yield Named("approval.on_call_group", settings.approval.on_call_group)
    told = settings.verification
    if told.agents_group:
        yield Named("verification.agents_group", told.agents_group, 1, 2)
    yield from (Named("verification.class_b_groups", group) for group in told.class_b_groups)
    yield from (Named("verification.class_c_groups", group) for group in told.class_c_groups)
    yield from (Named(f"rollout.waves, {wave.name}: group", wave.group) for wave in settings.rollout.waves)
    yield from (Named("rollout.exclude_groups", group) for group in settings.rollout.exclude_groups)
    for provider in settings.eid.providers:
        yield from (Named(f"eid.providers, {provider.name}: groups", group) for group in provider.groups)


def judge(group: Named, members: int | None) -> Finding:
    """``members`` is how many enabled accounts there are in it; none when there is no such group."""
    name = f"Group {group.key}"
    if members is None:
        return wrong(
            name,
            f"there is no group {group.id}",
            f"put the object id of a group of the tenant into {group.key}",
        )
    found = f"{group.id} has {'more than ' if members > _ENOUGH else ''}{min(members, _ENOUGH)} " + (
        "member" if members == 1 else "members"
    )
    if members < group.least:
        return wrong(name, f"{found} who can sign in", "add people to it: without them no pass is issued")
    if members < group.wanted:
        why = f": {group.wanted} are needed for the strictest cases" if group.wanted > 1 else ""
        return doubtful(name, found, f"add people to it, or name another group{why}")
    return fine(name, found)


async def count(groups: Groups, group: Named) -> int | None:
    """Enabled accounts in the group and the groups within it, as far as they are counted; none: no such group."""
    found = 0
    try:
        async for member in groups.members(group.id):
            found += member.account_enabled is not False
            if found > _ENOUGH:
                break
    except NotFound:
        return None
    return found
