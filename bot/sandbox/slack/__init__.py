"""An emulator of Slack, written from its documentation and sharing no code with the product."""

from bot.sandbox.slack.deliveries import signed_headers
from bot.sandbox.slack.emulator import SlackEmulator
from bot.sandbox.slack.people import Said
from bot.sandbox.slack.records import (
    Call,
    Channel,
    Control,
    Delivery,
    Json,
    Kind,
    Message,
    SlackUser,
    Version,
    View,
)
from bot.sandbox.slack.workspace import EVENTS, SCOPES, Impossible, Installation

__all__ = [
    "EVENTS",
    "SCOPES",
    "Call",
    "Channel",
    "Control",
    "Delivery",
    "Impossible",
    "Installation",
    "Json",
    "Kind",
    "Message",
    "Said",
    "SlackEmulator",
    "SlackUser",
    "Version",
    "View",
    "signed_headers",
]
