"""What went wrong between us and Slack's Web API, in the words of the port.

Error codes: https://docs.slack.dev/reference/methods. Neither Slack's answer nor the request gets into an
exception: both may hold a token or what somebody wrote.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.shapes import text
from handlers.ports import ChatError, FormExpired, OutcomeUnknown, Rejected, TryLater, Unreachable

TOKEN_REFUSED = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "not_allowed_token_type",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
"""Slack does not take the token, whatever it is asked for."""

_UNREACHABLE = frozenset(
    {
        "cannot_dm_bot",
        "channel_not_found",
        "is_archived",
        "is_inactive",
        "messages_tab_disabled",
        "not_enabled",
        "not_in_channel",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
        "user_not_visible",
        "users_not_found",
    }
)
_EXPIRED = frozenset(
    {"exchanged_trigger_id", "expired_trigger_id", "hash_conflict", "invalid_trigger_id", "not_found"}
)
_SLOWER = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})
_THEIR_FAULT = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})

_PAUSE = 5.0
"""Seconds to wait when Slack cannot be reached and names no time itself."""
_RATE_PAUSE = 30.0
_LONGEST_PAUSE = 3_600.0
_CODE = re.compile(r"[a-z0-9_]{1,60}")


@contextmanager
def as_chat_errors(*, repeatable: bool) -> Iterator[None]:
    """Turn failures of one call into ``ChatError``. ``repeatable``: asking twice does no harm."""
    try:
        yield
    except SlackApiError as error:
        raise _refused(error, repeatable=repeatable) from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise TryLater(_PAUSE) from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise _unanswered(repeatable=repeatable) from None
    except AttributeError:  # slack_sdk trips over an answer that is no JSON object, as of a captive portal
        raise _unanswered(repeatable=repeatable) from None


def _refused(error: SlackApiError, *, repeatable: bool) -> ChatError:
    response = error.response
    code = text(getattr(response, "data", None), "error")
    status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    if status == 429 or code in _SLOWER:
        return TryLater(_pause(getattr(response, "headers", {}).get("Retry-After", "")))
    if status >= 500 or code in _THEIR_FAULT or not code:
        return _unanswered(repeatable=repeatable)
    return _meaning(code)


def _meaning(code: str) -> ChatError:
    if code in _EXPIRED:
        return FormExpired(code)
    if code in _UNREACHABLE or code.startswith("restricted_action"):
        return Unreachable(code)
    if code in TOKEN_REFUSED:
        return Rejected(f"slack-token: {code}")
    return Rejected(code if _CODE.fullmatch(code) else "unknown")


def _unanswered(*, repeatable: bool) -> ChatError:
    return TryLater(_PAUSE) if repeatable else OutcomeUnknown("Slack gave no usable answer")


def _pause(named: str) -> float:
    """``Retry-After`` in seconds, kept between a second and an hour."""
    seconds = float(named) if re.fullmatch(r"[0-9]{1,6}", named) else _RATE_PAUSE
    return min(max(seconds, 1.0), _LONGEST_PAUSE)
