"""An emulator of Microsoft Entra and Graph that refuses what the real ones refuse."""

from bot.sandbox.entra.authentication import MadePass
from bot.sandbox.entra.devices import Session, SignInRefused
from bot.sandbox.entra.emulator import EntraEmulator
from bot.sandbox.entra.faults import Faults
from bot.sandbox.entra.journal import Recorded

__all__ = ["EntraEmulator", "Faults", "MadePass", "Recorded", "Session", "SignInRefused"]
