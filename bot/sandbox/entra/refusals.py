"""How Graph says no: each of its parts in a way of its own."""

from datetime import datetime
from enum import StrEnum


class Style(StrEnum):
    """Whose way of writing errors."""

    DIRECTORY = "directory"
    AUTHENTICATION = "authentication"
    MAIL = "mail"
    TEAMS = "teams"


class Refusal(Exception):
    """The request is answered with an error."""

    def __init__(
        self, status: int, code: str, message: str = "", *, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def error_body(
    refusal: Refusal, style: Style, *, now: datetime, request_id: str, client_id: str
) -> dict[str, object]:
    """The body of an error answer."""
    inner: dict[str, str] = {"message": refusal.message} if style is Style.AUTHENTICATION else {}
    inner |= {
        "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_id,
    }
    return {"error": {"code": refusal.code, "message": refusal.message, "innerError": inner}}


def no_resource(name: str) -> Refusal:
    """The directory's 404."""
    return Refusal(
        404,
        "Request_ResourceNotFound",
        f"Resource '{name}' does not exist or one of its queried reference-property objects are not present.",
    )


def no_method() -> Refusal:
    """The authentication methods' 404."""
    return Refusal(404, "resourceNotFound", "The requested resource was not found.")


def bad(message: str) -> Refusal:
    """The authentication methods' 400."""
    return Refusal(400, "badRequest", message)


def unsupported_query(message: str) -> Refusal:
    """The directory's 400 for a query it would only answer with the headers of an advanced one, or never."""
    return Refusal(400, "Request_UnsupportedQuery", message)


def no_privileges(style: Style) -> Refusal:
    """403 for want of a permission."""
    if style is Style.AUTHENTICATION:
        return Refusal(403, "accessDenied", "Request Authorization failed")
    if style is Style.MAIL:
        return Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    if style is Style.TEAMS:
        return Refusal(403, "Forbidden", "Missing role permissions on the request.")
    return Refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def too_many(retry_after: int | None) -> Refusal:
    """429, with or without a hint for how long."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Refusal(429, "UnknownError", "", headers=headers)
