"""Who somebody is in Slack, and whether they may be served. Pure: a user object in, a ``Profile`` out.

Fields: https://docs.slack.dev/reference/objects/user-object.
"""

from collections.abc import Collection

from bot.shapes import at, items, text
from handlers.events import Person
from handlers.ports import Profile

SLACKBOT = "USLACKBOT"
"""Slack's own bot, which does not say ``is_bot``."""


def profile(person: Person, user: object, workspaces: Collection[str]) -> Profile:
    """What Slack says now. An address that its owner never confirmed is left out: anybody can type one."""
    confirmed = at(user, "is_email_confirmed") is not False
    return Profile(
        person=person,
        name=text(user, "profile", "real_name") or text(user, "real_name") or text(user, "name"),
        email=(text(user, "profile", "email") or None) if confirmed else None,
        locale=text(user, "locale") or None,
        time_zone=text(user, "tz") or None,
        refusal=refusal(user, workspaces),
    )


def refusal(user: object, workspaces: Collection[str]) -> str | None:
    """Why this user may not be served, if so; without workspaces of our own, nobody is.

    ``is_stranger`` is false or absent also for people of another organisation who share a channel with us,
    so the home workspace decides.
    """
    if at(user, "is_bot") or at(user, "is_workflow_bot") or text(user, "id") == SLACKBOT:
        return "bot"
    if at(user, "is_stranger") or not homes(user).intersection(workspaces):
        return "other-workspace"
    if at(user, "deleted"):
        return "deactivated"
    if at(user, "is_restricted") or at(user, "is_ultra_restricted"):
        return "guest"
    return None


def homes(user: object) -> set[str]:
    """The workspaces a user belongs to: one, or in an Enterprise Grid several and the organisation."""
    named = (
        text(user, "team_id"),
        text(user, "enterprise_user", "enterprise_id"),
        *(team for team in items(user, "enterprise_user", "teams") if isinstance(team, str)),
    )
    return {team for team in named if team}


def tenant(user: object) -> str:
    """The half of a person's key that stays: the organisation of a Grid, else the workspace."""
    return text(user, "enterprise_user", "enterprise_id") or text(user, "team_id")
