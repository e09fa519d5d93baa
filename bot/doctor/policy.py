"""The tenant's policy for Temporary Access Passes: whether it lets the bot work, and no more than that."""

import asyncio
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Final

from bot.doctor.finding import Finding, doubtful, fine, wrong
from graph.errors import NotFound
from graph.passes import PassPolicy
from handlers.accounts import Directory
from handlers.verification.policy import pass_lifetime

_NAME: Final = "Pass policy"
_LIFETIME: Final = "Pass lifetime"
_WHERE: Final = "in Entra, Authentication methods, Policies, Temporary Access Pass"
_AT_ONCE: Final = 8


def judge(policy: PassPolicy, wanted: timedelta) -> Iterator[Finding]:
    """Whether passes can be made at all, and with the lifetime of the settings."""
    if not policy.enabled:
        yield wrong(_NAME, "Temporary Access Pass is switched off in the tenant", f"switch it on {_WHERE}")
    elif not policy.included:
        yield wrong(_NAME, "Temporary Access Pass is on, for nobody", f"name a group {_WHERE}")
    else:
        yield fine(_NAME, "Temporary Access Pass is switched on")
    lifetime = pass_lifetime(wanted, policy.minimum_lifetime, policy.maximum_lifetime)
    span = f"{_minutes(policy.minimum_lifetime)} to {_minutes(policy.maximum_lifetime)} minutes"
    if lifetime is None:
        yield wrong(
            _LIFETIME,
            f"the policy allows {span}: passes.lifetime_minutes {_minutes(wanted)} is more",
            f"raise the maximum {_WHERE}, or lower passes.lifetime_minutes",
        )
    elif lifetime != wanted:
        yield doubtful(
            _LIFETIME,
            f"the policy allows {span}: passes last {_minutes(lifetime)} minutes, not {_minutes(wanted)}",
            f"lower the minimum {_WHERE}, or raise passes.lifetime_minutes",
        )
    else:
        yield fine(_LIFETIME, f"{_minutes(wanted)} minutes, within the {span} of the policy")


def judge_scope(exposed: Collection[str], administrators: Collection[str]) -> Finding:
    """Whoever steals the bot's key can make a pass for everybody in scope, whatever the bot itself refuses."""
    name = "Pass scope"
    if exposed:
        return doubtful(
            name,
            f"the policy covers {len(exposed)} of {len(administrators)} accounts that hold a directory role: "
            "with a stolen key of the bot, anybody could make a pass for them",
            f"name a group without administrators {_WHERE}, or exclude one that holds them all",
        )
    return fine(name, f"none of {len(administrators)} accounts that hold a directory role is covered")


async def administrators(directory: Directory) -> frozenset[str]:
    """The accounts that hold a directory role or may activate one, by themselves or through a group."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def accounts(principal: str) -> set[str]:
        async with turn:
            return await _accounts(directory, principal)

    found = await asyncio.gather(*map(accounts, sorted(await directory.roles.holders())))
    return frozenset().union(*found)


async def covered(directory: Directory, policy: PassPolicy, accounts: Collection[str]) -> frozenset[str]:
    """Those of the accounts that may have a pass by the policy."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(account: str) -> bool:
        async with turn:
            return policy.covers(account, await directory.groups.is_member(account, policy.groups))

    listed = sorted(accounts)
    told = await asyncio.gather(*map(one, listed))
    return frozenset(account for account, is_covered in zip(listed, told, strict=True) if is_covered)


async def _accounts(directory: Directory, principal: str) -> set[str]:
    """A principal is an account, a group, or an application, which signs in without passes."""
    try:
        return {(await directory.users.get(principal)).id}
    except NotFound:
        pass
    try:
        return {member.id async for member in directory.groups.members(principal)}
    except NotFound:
        return set()


def _minutes(length: timedelta) -> str:
    return f"{length.total_seconds() / 60:g}"
