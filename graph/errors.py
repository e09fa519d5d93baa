"""What can go wrong with Microsoft Graph, by what the caller can do about it.

::

    GraphError
    ├── BadRequest       400  the request as it is will never work
    ├── Unauthorized     401  two fresh tokens were refused
    ├── Forbidden        403  a permission is missing
    │   ├── NoPremiumLicence  the tenant has no Entra ID P1
    │   ├── NoTeamsLicence    the account has no Teams
    │   └── AppRefused        Teams does not let the account have our app
    ├── NotFound         404
    ├── Conflict         409  it is there already
    ├── Throttled        429  not executed; wait ``retry_after`` seconds
    ├── Unavailable      5xx or no connection; nothing was created
    ├── OutcomeUnknown   a create was sent and nobody knows whether it happened
    ├── Unreadable       an answer without the form it should have
    ├── Ambiguous        two accounts where one was meant
    ├── NotInCatalogue   the tenant's Teams does not have our app
    └── TokenError       Entra refused to give us a token

No error holds a request body, a token, a pass or a URL.
"""


class GraphError(Exception):
    """Microsoft Graph did not do what was asked."""

    def __init__(self, message: str = "", *, status: int = 0, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id

    def __str__(self) -> str:
        told = self.message or (self.__doc__ or "").splitlines()[0]
        marks = [str(self.status) if self.status else "", self.code]
        facts = " ".join(mark for mark in marks if mark)
        return f"{told} ({facts})" if facts else told


class BadRequest(GraphError):
    """Graph refuses this request as it is."""


class Unauthorized(GraphError):
    """Graph refuses our token."""


class Forbidden(GraphError):
    """Our application lacks a permission."""

    def __init__(
        self,
        message: str = "",
        *,
        status: int = 403,
        code: str = "",
        request_id: str = "",
        permission: str | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code, request_id=request_id)
        self.permission = permission
        """The application permission that this call needs, where we know it."""

    def __str__(self) -> str:
        told = super().__str__()
        return f"{told}; it needs the application permission {self.permission}" if self.permission else told


class NoPremiumLicence(Forbidden):
    """The tenant has no Entra ID P1, which this call needs."""


class NoTeamsLicence(Forbidden):
    """The account has no licence for Teams."""


class AppRefused(Forbidden):
    """Teams does not let this account have our app, mostly by an app permission policy."""


class NotFound(GraphError):
    """Graph knows no such thing."""


class Conflict(GraphError):
    """What was to be made is there already."""


class Throttled(GraphError):
    """Graph asks for a pause; the request was not executed."""

    def __init__(
        self,
        message: str = "",
        *,
        status: int = 429,
        code: str = "",
        request_id: str = "",
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(message, status=status, code=code, request_id=request_id)
        self.retry_after = retry_after
        """Seconds to wait; a guess of ours when Graph named no time."""


class Unavailable(GraphError):
    """Graph cannot be reached or does not work at the moment; nothing was created."""


class OutcomeUnknown(GraphError):
    """The request was sent, and whether it was carried out is not known."""


class Unreadable(GraphError):
    """Graph answered in a form that we do not understand."""


class Ambiguous(GraphError):
    """More than one account has this address."""


class NotInCatalogue(GraphError):
    """Our app is not in the app catalogue of the organisation's Teams."""


class TokenError(GraphError):
    """Entra refused to give our application a token."""


_BY_STATUS: dict[int, type[GraphError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: Throttled,
}

NO_PREMIUM = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"


def refusal(
    status: int,
    *,
    code: str = "",
    message: str = "",
    request_id: str = "",
    permission: str | None = None,
    retry_after: float = 0.0,
) -> GraphError:
    """The error for an answer that is not a success. Told apart by status and code, never by the message."""
    if status == 403:
        kind = NoPremiumLicence if code == NO_PREMIUM else Forbidden
        return kind(message, code=code, request_id=request_id, permission=permission)
    if status == 429:
        return Throttled(message, code=code, request_id=request_id, retry_after=retry_after)
    kind_by_status = Unavailable if status >= 500 else _BY_STATUS.get(status, GraphError)
    return kind_by_status(message, status=status, code=code, request_id=request_id)
