"""An emulator of Teams and the Bot service, written from the documentation and sharing no code with the product."""

from bot.sandbox.teams.answers import Malformed
from bot.sandbox.teams.cards import check_card
from bot.sandbox.teams.emulator import TeamsEmulator
from bot.sandbox.teams.people import Pressed, Said
from bot.sandbox.teams.records import Call, Chat, Control, Delivery, Dialog, Json, Message, TeamsUser
from bot.sandbox.teams.refusals import BlockedAs
from bot.sandbox.teams.tenant import App, Impossible

__all__ = [
    "App",
    "BlockedAs",
    "Call",
    "Chat",
    "Control",
    "Delivery",
    "Dialog",
    "Impossible",
    "Json",
    "Malformed",
    "Message",
    "Pressed",
    "Said",
    "TeamsEmulator",
    "TeamsUser",
    "check_card",
]
