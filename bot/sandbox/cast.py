"""Who of the world is where: in Slack, and in its support channel."""

from typing import Final

from bot.sandbox.slack.records import SlackUser
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
