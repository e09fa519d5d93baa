"""What the settings have to say before the platforms can be told of us."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.settings import Settings, SettingsError, words


def require(settings: Mapping[str, object], purpose: str) -> None:
    """Raise ``SettingsError``, with one sentence, for the keys without a value."""
    keys = [key for key, value in settings.items() if not value]
    if keys:
        without = "them" if keys[1:] else "it"
        raise SettingsError(f"{words.are(keys)} missing: {purpose} cannot be made without {without}.")


def require_https(key: str, address: str) -> None:
    """Raise ``SettingsError`` for an address that nobody outside this machine could open."""
    if urlsplit(address).scheme != "https":
        raise SettingsError(
            f"{key} is {address}: it must begin with https://, for it is opened from outside."
        )


def public_url(settings: Settings) -> str:
    """Where the bot is reached from outside. Raises ``SettingsError``."""
    require_https("web.public_url", settings.web.public_url)
    return settings.web.public_url
