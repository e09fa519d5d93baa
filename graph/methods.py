"""The sign-in methods that an account has registered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from graph.client import GraphClient
from graph.fields import TYPE, Row, maybe_moment, maybe_text, rows, text
from graph.paths import path

METHODS = "UserAuthenticationMethod.Read.All"


class Kind(StrEnum):
    """What a method is. Graph's list is open: what we do not know is ``UNKNOWN``."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind of method
    EMAIL = "email"
    PASS = "temporary_access_pass"  # noqa: S105 - the name of a kind of method
    PHONE = "phone"
    AUTHENTICATOR = "authenticator"
    SOFTWARE_OATH = "software_oath"
    HARDWARE_OATH = "hardware_oath"
    FIDO2 = "fido2"
    WINDOWS_HELLO = "windows_hello"
    PLATFORM_CREDENTIAL = "platform_credential"
    EXTERNAL = "external"
    UNKNOWN = "unknown"

    @property
    def is_strong(self) -> bool:
        """Whether it counts as a second factor at all. A pass, a password and an e-mail do not."""
        return self not in (Kind.PASSWORD, Kind.EMAIL, Kind.PASS)


_TYPES = {
    "#microsoft.graph.passwordAuthenticationMethod": Kind.PASSWORD,
    "#microsoft.graph.emailAuthenticationMethod": Kind.EMAIL,
    "#microsoft.graph.temporaryAccessPassAuthenticationMethod": Kind.PASS,
    "#microsoft.graph.phoneAuthenticationMethod": Kind.PHONE,
    "#microsoft.graph.microsoftAuthenticatorAuthenticationMethod": Kind.AUTHENTICATOR,
    "#microsoft.graph.softwareOathAuthenticationMethod": Kind.SOFTWARE_OATH,
    "#microsoft.graph.hardwareOathAuthenticationMethod": Kind.HARDWARE_OATH,
    "#microsoft.graph.fido2AuthenticationMethod": Kind.FIDO2,
    "#microsoft.graph.windowsHelloForBusinessAuthenticationMethod": Kind.WINDOWS_HELLO,
    "#microsoft.graph.platformCredentialAuthenticationMethod": Kind.PLATFORM_CREDENTIAL,
    "#microsoft.graph.externalAuthenticationMethod": Kind.EXTERNAL,
}

REMOVE_APP = "UserAuthMethod-MicrosoftAuthApp.ReadWrite.All"
REMOVE_OATH = "UserAuthMethod-SoftwareOATH.ReadWrite.All"
REMOVE_NUMBER = "UserAuthMethod-Phone.ReadWrite.All"

_REMOVABLE = {
    Kind.AUTHENTICATOR: ("microsoftAuthenticatorMethods", REMOVE_APP),
    Kind.SOFTWARE_OATH: ("softwareOathMethods", REMOVE_OATH),
    Kind.PHONE: ("phoneMethods", REMOVE_NUMBER),
}


@dataclass(frozen=True)
class Method:
    """One registered method. A phone number is never kept."""

    id: str
    kind: Kind
    created: datetime | None = None
    """When it was registered, where Graph tells."""
    display_name: str | None = None
    """What the owner would call it: the name of the phone or of the key."""
    phone_type: str | None = None
    """``mobile``, ``alternateMobile`` or ``office``, for phones."""

    @property
    def is_strong(self) -> bool:
        """Whether it counts as a second factor at all."""
        return self.kind.is_strong

    @property
    def is_removable(self) -> bool:
        """Whether ``Methods.delete`` can take it away."""
        return self.kind in _REMOVABLE


class Methods:
    """Reads and removes methods of one account at a time; for many accounts there is the report."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def list(self, user_id: str) -> tuple[Method, ...]:
        """Every method of an account, password and pass among them."""
        where = path("/users/{user}/authentication/methods", user=user_id)
        answer = await self._client.get(where, permission=METHODS)
        return tuple(_method(entry) for entry in rows(answer))

    async def delete(self, user_id: str, method: Method) -> None:
        """Take a method away. ``NotFound`` when it is gone; ``BadRequest`` for the account's default method
        while there are others. ``ValueError`` for a kind that is not removable.
        """
        if method.kind not in _REMOVABLE:
            raise ValueError(f"a method of kind {method.kind} cannot be removed")
        collection, permission = _REMOVABLE[method.kind]
        where = path(
            f"/users/{{user}}/authentication/{collection}/{{method}}", user=user_id, method=method.id
        )
        await self._client.delete(where, permission=permission)


def _method(found: Row) -> Method:
    return Method(
        id=text(found, "id"),
        kind=_TYPES.get(text(found, TYPE), Kind.UNKNOWN),
        created=maybe_moment(found, "createdDateTime"),
        display_name=maybe_text(found, "displayName") or maybe_text(found, "model"),
        phone_type=maybe_text(found, "phoneType"),
    )
