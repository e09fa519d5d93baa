"""The settings of the security team."""

from pydantic import SecretStr

from bot.settings.gateways import MailAddress
from bot.settings.section import UNSET, Section
from bot.settings.values import Guid, Link


class Security(Section):
    """Who starts passes again once they are stopped, and how security is woken."""

    group: Guid = ""
    mail: MailAddress = ""
    webhook: Link = ""
    webhook_key: SecretStr = UNSET

    @property
    def woken(self) -> bool:
        """Whether security hears of anything."""
        return bool(self.mail or self.webhook)
