"""Our app in Teams: found in the catalogue, given to somebody, and refused in all the ways that Graph refuses."""

import pytest

from bot.sandbox.entra.teams_apps import GRANTS, App
from graph.errors import (
    AppRefused,
    BadRequest,
    Forbidden,
    GraphError,
    NoTeamsLicence,
    NotFound,
    NotInCatalogue,
    OutcomeUnknown,
    Throttled,
)
from graph.paths import path
from graph.sending import Limits
from graph.teams_apps import CATALOGUE, INSTALL, TeamsApps
from tests.graph.rig import Rig

MANIFEST = "7c7b29a1-50fc-4ef1-8d41-4a3f1ab64d6a"


@pytest.fixture
def app(rig: Rig) -> App:
    """In the catalogue, and with all that is needed granted."""
    rig.entra.login.granted |= GRANTS
    return rig.entra.teams_apps.publish(MANIFEST)


@pytest.fixture
def apps(rig: Rig, app: App) -> TeamsApps:
    return TeamsApps(rig.client, MANIFEST)


async def test_the_app_is_given_once_and_leads_to_a_chat(rig: Rig, app: App, apps: TeamsApps) -> None:
    kari = rig.who("Kari Bråten").object_id
    assert await apps.installation(kari) is None
    await apps.install(kari)
    await apps.install(kari)

    installation = await apps.installation(kari)
    assert installation is not None
    assert (await apps.chat(kari, installation)).endswith("@unq.gbl.spaces")
    assert len(rig.entra.sent("GET", "/appCatalogs/teamsApps")) == 1
    assert await apps.installation(rig.who("Aisha Rahman").object_id) is None


async def test_an_app_that_is_not_there_is_looked_for_again(rig: Rig) -> None:
    rig.entra.login.granted |= GRANTS
    apps = TeamsApps(rig.client, MANIFEST)
    with pytest.raises(NotInCatalogue):
        await apps.catalogue_id()
    app = rig.entra.teams_apps.publish(MANIFEST)
    assert await apps.catalogue_id() == app.id


async def test_an_app_that_was_withdrawn_is_forgotten(rig: Rig, app: App, apps: TeamsApps) -> None:
    kari = rig.who("Kari Bråten").object_id
    await apps.install(kari)
    rig.entra.teams_apps.withdraw(app)
    with pytest.raises(NotFound):
        await apps.install(kari)
    with pytest.raises(NotInCatalogue):
        await apps.install(kari)


@pytest.mark.parametrize(
    ("missing", "named"), [(CATALOGUE, CATALOGUE), (INSTALL, INSTALL)], ids=["catalogue", "install"]
)
async def test_a_missing_permission_is_named(rig: Rig, apps: TeamsApps, missing: str, named: str) -> None:
    rig.entra.faults.missing.add(missing)
    for call in (apps.install, apps.installation):
        with pytest.raises(Forbidden) as caught:
            await call(rig.who("Kari Bråten").object_id)
        assert (type(caught.value), caught.value.permission) == (Forbidden, named)


async def test_an_app_of_another_registration_is_no_fault_of_an_account(rig: Rig) -> None:
    rig.entra.login.granted |= GRANTS
    rig.entra.teams_apps.publish(MANIFEST, client_id=MANIFEST)
    with pytest.raises(Forbidden) as caught:
        await TeamsApps(rig.client, MANIFEST).install(rig.who("Kari Bråten").object_id)
    assert type(caught.value) is Forbidden


async def test_what_concerns_one_account_is_told_apart(rig: Rig, apps: TeamsApps) -> None:
    kari, aisha = rig.who("Kari Bråten").object_id, rig.who("Aisha Rahman").object_id
    rig.entra.teams_apps.blocked.add(kari)
    rig.entra.teams_apps.unlicensed.add(aisha)
    guest = next(r for r in rig.entra.world.residents if r.external)

    for account, error in ((kari, AppRefused), (guest.object_id, AppRefused), (aisha, NoTeamsLicence)):
        with pytest.raises(error):
            await apps.install(account)
    with pytest.raises(NotFound):
        await apps.install(MANIFEST)


async def test_a_sentence_that_nobody_knows_concerns_the_account_alone(rig: Rig, apps: TeamsApps) -> None:
    rig.entra.faults.answer("POST */installedApps", 403, code="Forbidden", message="Another day.")
    with pytest.raises(AppRefused):
        await apps.install(rig.who("Kari Bråten").object_id)


async def test_after_a_lost_answer_it_looks(rig: Rig, app: App, apps: TeamsApps) -> None:
    rig.entra.faults.lose_answer("POST */installedApps")
    await apps.install(rig.who("Kari Bråten").object_id)
    assert rig.entra.teams_apps.has(rig.who("Kari Bråten"), app)
    assert len(rig.entra.sent("POST", "/installedApps")) == 1


async def test_what_did_not_happen_is_asked_for_once_more(rig: Rig, app: App, apps: TeamsApps) -> None:
    rig.entra.faults.answer("POST */installedApps", 504)
    await apps.install(rig.who("Kari Bråten").object_id)
    assert rig.entra.teams_apps.has(rig.who("Kari Bråten"), app)

    rig.entra.faults.answer("POST */installedApps", 504, times=2)
    with pytest.raises(OutcomeUnknown):
        await apps.install(rig.who("Aisha Rahman").object_id)


async def test_a_pause_is_told(rig: Rig, app: App) -> None:
    apps = TeamsApps(rig.make_client(limits=Limits(tries=1)), MANIFEST)
    rig.entra.faults.throttle("POST */installedApps", retry_after="30")
    with pytest.raises(Throttled) as caught:
        await apps.install(rig.who("Kari Bråten").object_id)
    assert caught.value.retry_after == 30


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"teamsApp": "x"},
        {"teamsApp@odata.bind": 1},
        {"teamsApp@odata.bind": "https://graph.example/apps/1"},
    ],
)
async def test_graph_takes_no_other_body(rig: Rig, app: App, body: dict[str, object]) -> None:
    where = path("/users/{user}/teamwork/installedApps", user=rig.who("Kari Bråten").object_id)
    with pytest.raises(BadRequest):
        await rig.client.create(where, body)


@pytest.mark.parametrize(
    "query",
    [
        {"$filter": "teamsApp/id eq '1'"},
        {"$expand": "chat"},
        {"$filter": "teamsApp/name eq '1'", "$expand": "teamsApp"},
    ],
)
async def test_graph_takes_no_other_query(rig: Rig, app: App, query: dict[str, str]) -> None:
    where = path("/users/{user}/teamwork/installedApps", user=rig.who("Kari Bråten").object_id)
    with pytest.raises(GraphError):
        await rig.client.get(where, query)
