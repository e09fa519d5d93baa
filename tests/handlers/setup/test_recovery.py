"""The end of a guide offers to save a recovery code, where there is a way to make one."""

from dataclasses import dataclass

import pytest

from handlers.messages import Action, SetupEnd
from handlers.setup.feature import Setup
from handlers.setup.looks import Looks
from handlers.setup.steps import Press
from tests.handlers.rig import Rig
from tests.handlers.setup.guided import ON, Guided


@dataclass
class Offered(Guided):
    """The same, where people can sign in to make a code, or cannot."""

    address: str = ""

    @property
    def setup(self) -> Setup:
        """The feature."""
        looks = Looks(self.rig.database, self.rig.directory, self.rig.clock, self.own_telecom)
        return Setup(self.rig.database, self.rig.people, looks, self.rig.clock, self.address)


@pytest.mark.parametrize("address", ["https://hjelp.fjordheim.example/case/recovery", ""])
async def test_a_recovery_code_is_offered_at_the_end_alone(rig: Rig, address: str) -> None:
    nora = Offered(rig, address=address)
    await nora.start()
    early = await nora.press(*ON[:-1])
    assert not [action for action in early.actions if action.url]
    nora.register()
    end = await nora.press(Press.NEXT)
    assert isinstance(end, SetupEnd)
    found = [action for action in end.actions if action.name == "links.recovery"]
    assert found == ([Action("links.recovery", "", url=address)] if address else [])
