"""Fjordheim University: the invented people, groups and ids that every emulator, test and tour shares."""

from bot.sandbox.world.groups import AGENTS, APPROVERS, GROUPS, ON_CALL, RECTORATE, SECURITY
from bot.sandbox.world.model import (
    DOMAIN,
    GLOBAL_ADMINISTRATOR,
    HELPDESK_ADMINISTRATOR,
    USER_ADMINISTRATOR,
    Group,
    Kind,
    Resident,
    Role,
    World,
    guid,
    slack_id,
    synthetic_number,
)
from bot.sandbox.world.roster import RESIDENTS

FJORDHEIM = World(
    name="Fjordheim University",
    domain=DOMAIN,
    tenant_id=guid("tenant"),
    client_id=guid("application", "tofaktor"),
    slack_workspace=slack_id("T", "fjordheim"),
    residents=RESIDENTS,
    groups=GROUPS,
)

__all__ = [
    "AGENTS",
    "APPROVERS",
    "DOMAIN",
    "FJORDHEIM",
    "GLOBAL_ADMINISTRATOR",
    "GROUPS",
    "HELPDESK_ADMINISTRATOR",
    "ON_CALL",
    "RECTORATE",
    "RESIDENTS",
    "SECURITY",
    "USER_ADMINISTRATOR",
    "Group",
    "Kind",
    "Resident",
    "Role",
    "World",
    "guid",
    "slack_id",
    "synthetic_number",
]
