"""The settings of what goes out besides chat: text messages and mail, and where addresses are held."""

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from bot.settings.section import UNSET, Section
from bot.settings.values import Link

_MAILBOX = re.compile(
    r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
)


def _mailbox(value: str) -> str:
    if value and not _MAILBOX.fullmatch(value.strip()):
        raise ValueError("must be one mail address, or the object id of one account")
    return value.strip()


def _address(value: str) -> str:
    if value and "@" not in _mailbox(value):
        raise ValueError("must be one mail address")
    return value.strip()


MailAddress = Annotated[str, AfterValidator(_address)]
"""Where mail goes to."""


class Sms(Section):
    """The organisation's gateway for text messages; without an address there are none."""

    url: Link = ""
    key: SecretStr = UNSET


class Mail(Section):
    """The mailbox that mail goes out of; without it there is none."""

    sender: Annotated[str, AfterValidator(_mailbox)] = ""
