"""The settings: read once, typed, frozen, and secrets mask themselves."""

from bot.settings.eid import ClientAuth, Eid, EidProvider
from bot.settings.gateways import Mail, Sms
from bot.settings.loading import load
from bot.settings.rollout import Rollout
from bot.settings.section import Section
from bot.settings.sections import (
    Approval,
    Entra,
    Http,
    Links,
    Organisation,
    Passes,
    Secrets,
    Settings,
    Slack,
    SlackMode,
    Storage,
    Support,
    Teams,
    TeamsMode,
    Web,
)
from bot.settings.sources import SettingsError
from bot.settings.values import Bind, Hours, Wording
from bot.settings.verification import Verification

__all__ = [
    "Approval",
    "Bind",
    "ClientAuth",
    "Eid",
    "EidProvider",
    "Entra",
    "Hours",
    "Http",
    "Links",
    "Mail",
    "Organisation",
    "Passes",
    "Rollout",
    "Secrets",
    "Section",
    "Settings",
    "SettingsError",
    "Slack",
    "SlackMode",
    "Sms",
    "Storage",
    "Support",
    "Teams",
    "TeamsMode",
    "Verification",
    "Web",
    "Wording",
    "load",
]
