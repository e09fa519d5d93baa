"""Why a login by eID is no evidence. People are told the same words for all of them; logs get the reason."""

from typing import Final

from handlers.ports import LoginRefused, LoginUnavailable

EidRefused: Final = LoginRefused
"""What came back is not to be believed, or is not what was asked for."""
EidUnavailable: Final = LoginUnavailable
"""The provider cannot be reached or cannot serve now: nothing is known about the person."""
