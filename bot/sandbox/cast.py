"""Who of the world is where: in Slack, in Teams, and in their support channels."""

from typing import Final

from bot.sandbox.slack.records import SlackUser
from bot.sandbox.teams import TeamsUser
from bot.sandbox.world import Kind, Resident, World
from handlers.messages import Language

_LOCALES: Final = {Language.EN: "en-GB", Language.NB: "nb-NO", Language.NN: "nn-NO"}


def supporters(world: World) -> list[Resident]:
    """Whoever is in the support channel."""
    return [each for each in world.residents if each.kind is Kind.SUPPORT]


def slack_users(world: World) -> list[SlackUser]:
    """The residents who are in Slack."""
    return [
        SlackUser(
            id=each.slack_id,
            name=each.name,
            email=each.mail,
            locale=_LOCALES[each.language],
            deleted=not each.enabled,
            is_restricted=each.kind is Kind.GUEST,
        )
        for each in world.residents
        if each.slack_id
    ]


def teams_users(world: World) -> list[TeamsUser]:
    """The residents who are in Teams: everybody who can sign in to the tenant."""
    return [
        TeamsUser(
            object_id=each.object_id,
            name=each.name,
            upn=each.upn,
            mail=each.mail,
            locale=_LOCALES[each.language],
            guest=each.kind is Kind.GUEST,
        )
        for each in world.residents
        if each.enabled
    ]


def teams_app_owners(world: World) -> list[str]:
    """Object ids of those who have the app: employees were given it, students who are not in Slack took it."""
    members = [each for each in world.residents if each.enabled and not each.external]
    given = {Kind.STAFF, Kind.SUPPORT, Kind.ADMINISTRATOR}
    return [
        each.object_id
        for each in members
        if each.kind in given or (each.kind is Kind.STUDENT and each.slack_id is None)
    ]
