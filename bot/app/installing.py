"""Giving people the app in Teams, as the settings describe it."""

from bot.settings import Settings
from graph.client import GraphClient
from graph.teams_apps import TeamsApps
from handlers.ports import Clock, Installer
from handlers.reaching import Reaching
from handlers.store.database import Database


def installer_of(
    settings: Settings, graph: GraphClient, database: Database, clock: Clock
) -> Installer | None:
    """Nobody without Teams. The app of the manifest has the id of the bot's registration."""
    if not settings.teams.on:
        return None
    return Reaching(database, TeamsApps(graph, settings.teams.app_id), clock, tenant_of(settings))


def tenant_of(settings: Settings) -> str:
    """The tenant in which we may install, that of our Graph; by its id, where the settings tell that."""
    served = settings.teams_tenants
    return settings.entra.tenant_id if settings.entra.tenant_id in served else served[0]
