"""The settings: read once, typed, frozen, and secrets mask themselves."""

from bot.settings.loading import load
from bot.settings.sections import (
    Approval,
    Entra,
    Http,
    Links,
    Organisation,
    Passes,
    Rollout,
    Secrets,
    Section,
    Settings,
    Slack,
    SlackMode,
    Storage,
    Teams,
    Verification,
    Web,
)
from bot.settings.sources import SettingsError
from bot.settings.values import Bind, Hours, Wording

__all__ = [
    "Approval",
    "Bind",
    "Entra",
    "Hours",
    "Http",
    "Links",
    "Organisation",
    "Passes",
    "Rollout",
    "Secrets",
    "Section",
    "Settings",
    "SettingsError",
    "Slack",
    "SlackMode",
    "Storage",
    "Teams",
    "Verification",
    "Web",
    "Wording",
    "load",
]
