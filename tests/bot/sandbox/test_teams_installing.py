"""What Graph gives somebody is there in Teams, and the bot hears of it; and the other way round."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.sandbox.entra import EntraEmulator
from bot.sandbox.entra.teams_apps import GRANTS, App
from bot.sandbox.teams import TeamsEmulator, TeamsUser
from bot.sandbox.world import FJORDHEIM
from graph.errors import NoTeamsLicence
from graph.teams_apps import TeamsApps
from tests.bot.sandbox.teams_rig import Still, listening
from tests.graph.rig import Pauses, Rig

APP = "7c7b29a1-50fc-4ef1-8d41-4a3f1ab64d6a"
KARI = FJORDHEIM.named("Kari Bråten").object_id
PAL = FJORDHEIM.named("Pål Grønvold").object_id


class Office:
    """Entra and Teams side by side, a bot that hears everything, and our client."""

    def __init__(self, entra: EntraEmulator, teams: TeamsEmulator, apps: TeamsApps, app: App) -> None:
        self.entra, self.teams, self.apps, self.app = entra, teams, apps, app


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        clock = Still()
        entra = await stack.enter_async_context(EntraEmulator(FJORDHEIM, clock, tmp_path))
        teams = TeamsEmulator(
            [TeamsUser(KARI, "Kari Bråten", "kari@fjordheim.example")],
            clock,
            tenant_id=FJORDHEIM.tenant_id,
            app_id=APP,
            trusts=lambda _: True,
        )
        bot = await stack.enter_async_context(listening())
        await teams.start()
        stack.push_async_callback(teams.stop)
        teams.deliver_to(bot.url)
        entra.login.granted |= GRANTS
        entra.teams_apps.teams = teams
        rig = Rig(entra, clock, Pauses(clock), stack)  # type: ignore[arg-type] # stands still
        yield Office(entra, teams, TeamsApps(rig.client, APP), entra.teams_apps.publish(APP))


async def test_the_conversation_is_there_and_the_bot_hears_of_it(office: Office) -> None:
    await office.apps.install(KARI)
    installation = await office.apps.installation(KARI)
    assert installation is not None
    chat = office.teams.chat(KARI)
    assert chat is not None
    assert await office.apps.chat(KARI, installation) == chat.id
    told = await office.teams.until(
        lambda: office.teams.deliveries if len(office.teams.deliveries) > 1 else None
    )
    assert [each.activity["type"] for each in told] == ["installationUpdate", "conversationUpdate"]
    assert told[0].activity["from"]["aadObjectId"] == KARI


async def test_who_adds_and_removes_it_in_teams_is_known_to_graph(office: Office) -> None:
    await office.teams.install(KARI)
    heard = len(office.teams.deliveries)
    await office.apps.install(KARI)
    assert await office.apps.installation(KARI) is not None
    await office.teams.uninstall(KARI)
    assert await office.apps.installation(KARI) is None
    assert len(office.teams.deliveries) == heard + 1


async def test_who_is_not_in_teams_has_no_licence(office: Office) -> None:
    with pytest.raises(NoTeamsLicence):
        await office.apps.install(PAL)
