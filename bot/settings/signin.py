"""The settings of Entra sign-in: who approves, attests or acts as agent proves it by one."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from bot.settings.section import UNSET, Section
from bot.settings.values import Guid


def _context(value: str) -> str:
    if not re.fullmatch(r"c[1-9][0-9]?", value.strip()):
        raise ValueError("must be the id of an authentication context, c1 to c99")
    return value.strip()


class SignIn(Section):
    """The app registration by which people sign in; without it nobody can prove to be an approver or an agent."""

    client_id: Guid = ""
    client_secret: SecretStr = UNSET
    certificate: Path | None = None
    auth_context: Annotated[str, AfterValidator(_context)] = ""

    @property
    def on(self) -> bool:
        """Whether people can sign in."""
        return bool(self.client_id)
