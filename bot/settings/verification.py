"""The settings of the policy engine: routes, groups and numbers. The defaults are the policy's own."""

from typing import Annotated, Literal

from pydantic import Field

from bot.settings.section import Section
from bot.settings.values import Guid, Listed, NumberSource, ProviderName


class RouteEntry(Section):
    """One route. What is not set is as in the route of that name that there is by default."""

    name: ProviderName
    kind: Literal["seen", "code"] | None = None
    level: Annotated[int, Field(ge=1, le=4)] | None = None
    checks: Annotated[tuple[ProviderName, ...], Listed] | None = None
    attester: Literal["agent", "manager"] | None = None
    address: Literal["phone", "mail", "saved"] | None = None
    unchanged_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    staffed_hours: bool | None = None


class Policy(Section):
    """What is enough. ``rules`` refuses what would open a hole, and ``weakened`` names what is weaker than this."""

    strong_approvals: Annotated[int, Field(ge=1, le=5)] = 1
    weak_approvals: Annotated[int, Field(ge=2, le=5)] = 2
    weak_delay_minutes: Annotated[int, Field(ge=60, le=1440)] = 240
    strict_approvals: Annotated[int, Field(ge=2, le=5)] = 2
    strict_delay_minutes: Annotated[int, Field(ge=60, le=1440)] = 60
    evidence_minutes: Annotated[int, Field(ge=10, le=60)] = 60
    changed_days: Annotated[int, Field(ge=1, le=365)] = 7
    link_days: Annotated[int, Field(ge=0, le=365)] = 30
    contact_days: Annotated[int, Field(ge=1, le=365)] = 30
    often_cases: Annotated[int, Field(ge=1, le=10)] = 2
    cases_per_target: Annotated[int, Field(ge=1, le=10)] = 3
    approvals_per_hour: Annotated[int, Field(ge=1, le=200)] = 20
    cool_down_hours: Annotated[int, Field(ge=1, le=720)] = 24


class Verification(Section):
    """Who sees requesters, by which routes, and what that is worth."""

    agents_group: Guid = ""
    class_b_groups: Annotated[tuple[Guid, ...], Listed] = ()
    class_c_groups: Annotated[tuple[Guid, ...], Listed] = ()
    contact_source: NumberSource = "none"
    routes: tuple[RouteEntry, ...] = ()
    policy: Policy = Policy()
