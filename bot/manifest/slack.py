"""The manifest of our Slack app: one that is made or updated by it has what the bot needs, and no more.

Fields and limits: https://docs.slack.dev/reference/app-manifest.
"""

from typing import Final

from bot.manifest.lacking import public_url
from bot.render.text import short
from bot.render.words import Words
from bot.settings import Settings, SettingsError, SlackMode
from bot.slack.listening import listening_of
from bot.slack.needs import needs

COMMAND: Final = "/2fa"
_BACKGROUND: Final = "#0b5f53"
_NAME: Final = 35
_DESCRIPTION: Final = 140


def slack_manifest(settings: Settings, words: Words) -> dict[str, object]:
    """The manifest, in the organisation's language. Raises ``SettingsError`` when Slack is off or cannot reach us."""
    mode = settings.slack.mode
    if mode is SlackMode.OFF:
        raise SettingsError("slack.mode is off: set it to socket or http first.")
    said, wanted = words.app(settings.organisation.language), needs(listening_of(settings))
    # By Socket Mode everything comes through the connection that we open: no address is told.
    called = f"{public_url(settings)}/slack/events" if mode is SlackMode.HTTP else None
    to, at = ({"url": called}, {"request_url": called}) if called else ({}, {})
    name = short(said.name, _NAME)
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": short(said.summary, _DESCRIPTION),
            "long_description": said.about,
            "background_color": _BACKGROUND,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "slash_commands": [
                {"command": COMMAND, **to, "description": said.command, "usage_hint": said.hint}
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(wanted.scopes)}},
        "settings": {
            "event_subscriptions": {**at, "bot_events": sorted(wanted.events)},
            "interactivity": {"is_enabled": True, **at},
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode is SlackMode.SOCKET,
            "token_rotation_enabled": False,
        },
    }
