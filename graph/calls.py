"""What one request to Graph is, and what came of one try to send it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from graph.errors import GraphError, Unreadable, refusal
from graph.fields import Row, maybe_text, row
from graph.pauses import asked_pause


@dataclass(frozen=True)
class Call:
    """One request, as it is sent as often as need be. Only ``method`` and ``template`` may be logged."""

    method: str
    url: httpx.URL
    template: str
    headers: Mapping[str, str]
    body: Row | None = None
    timeout: float | None = None
    permission: str | None = None
    """The permission to name when Graph refuses for want of one."""
    alone: bool = False
    """Whether it has to be a request of its own, never a part of a batch."""


@dataclass(frozen=True)
class NoAnswer:
    """The connection failed. Only when ``sent`` is false is it certain that Graph never saw the request."""

    reason: str
    sent: bool


Answer = httpx.Response | NoAnswer
"""What came of one try."""


def body_of(response: httpx.Response) -> Row:
    """The JSON object of a success; empty when the answer has no body."""
    if not response.content:
        return {}
    try:
        return row(response.json())
    except ValueError:
        raise Unreadable("no JSON", status=response.status_code, request_id=request_id(response)) from None


def request_id(response: httpx.Response) -> str:
    """Graph's own id of the request, for Microsoft's support."""
    found: str = response.headers.get("request-id", "")
    return found


def pause_asked(response: httpx.Response) -> float | None:
    """The pause that the answer asks for. A date counts from the answer's own clock."""
    told: str | None = response.headers.get("retry-after")
    return asked_pause(told, _date_of(response))


def refused(call: Call, response: httpx.Response, retry_after: float) -> GraphError:
    """The error that an unsuccessful answer means."""
    error = _error_in(response)
    return refusal(
        response.status_code,
        code=maybe_text(error, "code") or "",
        message=maybe_text(error, "message") or "",
        request_id=request_id(response),
        permission=call.permission,
        retry_after=retry_after,
    )


def _error_in(response: httpx.Response) -> Row:
    try:
        return row(row(response.json()).get("error"))
    except (ValueError, Unreadable):
        return {}


def _date_of(response: httpx.Response) -> datetime:
    try:
        told = parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return datetime.now(UTC)
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told
