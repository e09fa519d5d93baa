"""What people sign in for."""

from enum import StrEnum


class Purpose(StrEnum):
    """What a sign-in is for, and with it the only way back there is."""

    AGENT = "agent"
    DECIDE = "decide"
    RECOVERY = "recovery"
    TEST = "test"
    ROLLOUT = "rollout"
    MANAGER = "manager"
    PASSES = "passes"

    @property
    def steps_up(self) -> bool:
        """Whether nothing less than the authentication context of the settings will do, where there is one."""
        return self in (Purpose.AGENT, Purpose.DECIDE, Purpose.MANAGER, Purpose.PASSES)
