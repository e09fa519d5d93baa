"""The settings of the security team."""

from bot.settings.section import Section
from bot.settings.values import Guid


class Security(Section):
    """Who starts passes again once they are stopped."""

    group: Guid = ""
