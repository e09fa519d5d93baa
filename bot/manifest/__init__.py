"""What the consoles of Slack and Teams want to know of our app, from the settings and the templates."""

from bot.manifest.slack import slack_manifest
from bot.manifest.teams import app_package

__all__ = ["app_package", "slack_manifest"]
