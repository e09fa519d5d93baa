"""The groups of Fjordheim, and which lies within which."""

from bot.sandbox.world.model import USER_ADMINISTRATOR, Group, guid

APPROVERS = "Support approvers"
AGENTS = "Service-desk agents"
ON_CALL = "Support on call"
SECURITY = "Security team"
RECTORATE = "Rectorate"
OPERATORS = "Directory operators"
EMPLOYEES = "Employees"
STUDENTS = "Students"
LIBRARY = "Library"
WAVE_STAFF = "Wave 1 staff"
WAVE_STUDENTS = "Wave 2 students"


def _group(name: str, *within: str) -> Group:
    return Group(guid("group", name), name, within)


GROUPS = (
    _group(APPROVERS),
    _group(AGENTS),
    _group(ON_CALL, APPROVERS),
    _group(SECURITY),
    _group(RECTORATE, EMPLOYEES),
    Group(guid("group", OPERATORS), OPERATORS, assignable_to_role=True, roles=(USER_ADMINISTRATOR,)),
    _group(EMPLOYEES, WAVE_STAFF),
    _group(LIBRARY, EMPLOYEES),
    _group(STUDENTS, WAVE_STUDENTS),
    _group(WAVE_STAFF),
    _group(WAVE_STUDENTS),
)
