"""What went wrong between us and the Bot service, in the words of the port.

Statuses: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages and
…/bots/how-to/rate-limit. What was answered gets into no exception: it may hold what somebody wrote.
"""

import json
import re
from typing import Final

import httpx

from bot.shapes import at, text
from handlers.ports import ChatError, OutcomeUnknown, Rejected, TryLater, Unreachable

PAUSE: Final = 5.0
"""Seconds to wait when the service cannot be reached or names no time itself."""
_LONGEST_PAUSE: Final = 3_600.0
_CODE: Final = re.compile(r"[A-Za-z0-9]{1,60}")
_BLOCKED: Final = frozenset({"MessageWritesBlocked", "ConversationBlockedByUser", "209"})
_NOT_INSTALLED: Final = frozenset(
    {"BotNotInConversationRoster", "ForbiddenOperationException", "BotNotInstalled"}
)


class NotThere(Unreachable):
    """The conversation is gone: a person may have deleted it, and can be written to in a new one."""


class NotInstalled(Unreachable):
    """The person does not have the app, or not any more."""


class Blocked(Unreachable):
    """The person has blocked the bot."""


def refused(response: httpx.Response, *, repeatable: bool) -> ChatError:
    """What an answer that is no success means. ``repeatable``: asking twice does no harm."""
    status, code = response.status_code, code_of(response)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return TryLater(_pause(response.headers.get("Retry-After", "")))
    if status == httpx.codes.PRECONDITION_FAILED:
        return TryLater(PAUSE)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        return unanswered(repeatable=repeatable)
    if status == httpx.codes.UNAUTHORIZED:
        return Rejected("teams-token: refused")
    if status == httpx.codes.FORBIDDEN:
        return _forbidden(code)
    if status == httpx.codes.NOT_FOUND:
        return Rejected(code) if code == "ActivityNotFoundInConversation" else NotThere("gone")
    return Rejected(code)


def unanswered(*, repeatable: bool) -> ChatError:
    """No usable answer came."""
    return TryLater(PAUSE) if repeatable else OutcomeUnknown("Teams gave no usable answer")


def code_of(response: httpx.Response) -> str:
    """The most exact word that the service has for what is wrong; ``unknown`` for anything that is no such word."""
    try:
        body = response.json()
    except ValueError:
        return "unknown"
    found = _inner(text(body, "message")) or text(body, "error", "code") or str(at(body, "errorCode") or "")
    return found if _CODE.fullmatch(found) else "unknown"


def _inner(message: str) -> str:
    """Of a block the service tells in JSON that it puts, as a text, into the message of its error."""
    try:
        return text(json.loads(message), "subCode") if message.startswith("{") else ""
    except (ValueError, RecursionError):
        return ""


def _forbidden(code: str) -> ChatError:
    if code in _BLOCKED:
        return Blocked("blocked")
    return NotInstalled("not-installed") if code in _NOT_INSTALLED else Unreachable("forbidden")


def _pause(named: str) -> float:
    """``Retry-After`` in seconds, kept between a second and an hour; the service does not always name one."""
    seconds = float(named) if re.fullmatch(r"[0-9]{1,6}", named) else PAUSE
    return min(max(seconds, 1.0), _LONGEST_PAUSE)
