"""How the connector says no.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages#status-codes-from-bot-conversational-apis
"""

import json
from enum import StrEnum

from bot.sandbox.teams.records import Json


class Refusal(Exception):
    """No: a status and a body."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.body: Json = {"error": {"code": code, "message": message}}


class BlockedAs(StrEnum):
    """Two ways in which a block was seen to be told."""

    WRITES = "MessageWritesBlocked"
    USER = "ConversationBlockedByUser"


def unauthorised() -> Refusal:
    """No token, or one that is not for us. Words of the web server, not of the connector."""
    refused = Refusal(401, "Unauthorized", "")
    refused.body = {"message": "Authorization has been denied for this request."}
    return refused


def blocked(how: BlockedAs) -> Refusal:
    """The person does not want to hear from the bot."""
    if how is BlockedAs.USER:
        return Refusal(403, how, "User blocked the conversation with the bot.")
    refused = Refusal(403, how, "")
    inner = {
        "subCode": str(how),
        "details": "Thread is blocked from message writes.",
        "errorCode": None,
        "errorSubCode": None,
    }
    refused.body = {"errorCode": 209, "message": json.dumps(inner, indent=2).replace("\n", "\r\n")}
    return refused


def not_in_roster() -> Refusal:
    """The app is not, or no longer, in the conversation."""
    return Refusal(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")


def not_installed() -> Refusal:
    """Somebody who has the app neither themselves nor through a team."""
    return Refusal(403, "ForbiddenOperationException", "Bot isn't installed in user's personal scope")


def no_conversation() -> Refusal:
    """There is none of this id, or none any more."""
    return Refusal(404, "ConversationNotFound", "Conversation not found.")


def no_message() -> Refusal:
    """There is none of this id in the conversation."""
    return Refusal(404, "ActivityNotFoundInConversation", "Message does not exist in the thread.")


def bad_syntax(message: str) -> Refusal:
    """What came makes no sense as a whole."""
    return Refusal(400, "BadSyntax", message)


def bad_argument(message: str) -> Refusal:
    """Something in what came is wrong."""
    return Refusal(400, "BadArgument", message)


def too_big() -> Refusal:
    """Over 100 KB, counted as UTF-16."""
    return Refusal(413, "MessageSizeTooBig", "Message size too large.")


def throttled(seconds: int | None) -> Refusal:
    """Too much at once."""
    return Refusal(429, "Throttled", "Too many requests.", seconds)
