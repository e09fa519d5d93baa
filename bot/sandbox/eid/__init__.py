"""An emulator of an OpenID provider of national eID, of ID-porten's shape, that refuses what the real one refuses."""

from bot.sandbox.eid.emulator import EidEmulator
from bot.sandbox.eid.faults import Fault
from bot.sandbox.eid.journal import Call
from bot.sandbox.eid.records import Level, Registration

__all__ = ["Call", "EidEmulator", "Fault", "Level", "Registration"]
