"""The kinds of values that settings have. Each refuses with the end of a sentence that its key begins."""

import base64
import binascii
import ipaddress
import re
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretBytes, SecretStr

KEY_BYTES = 32
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_WORKSPACE = re.compile(r"[TE][A-Z0-9]+")
_CHANNEL = re.compile(r"[CG][A-Z0-9]+")
_TEAMS_CHANNEL = re.compile(r"19:[A-Za-z0-9_-]{8,100}@thread\.(?:tacv2|skype)")
_CLOCK_TIMES = re.compile(r"(\d\d):(\d\d)\s*[-–]\s*(\d\d):(\d\d)")


def is_loopback(host: str) -> bool:
    """True for ``localhost`` and the addresses that never leave this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _parts(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("must be a web address such as https://example.org") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or re.search(r"[\s\x00-\x1f]", value):
        raise ValueError("must be a web address such as https://example.org")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must begin with https:// (http is only for this machine itself)")
    return parts


def _link(value: str) -> str:
    _parts(value)
    return value


def _address(value: str) -> str:
    parts = _parts(value)
    if parts.query or parts.fragment:
        raise ValueError("must end before any ? or #")
    return value.rstrip("/")


def _origin(value: str) -> str:
    if _parts(value).path.strip("/"):
        raise ValueError("must hold no path, only scheme, host and port")
    return _address(value)


def _slack_api(value: str) -> str:
    if not _address(value).endswith("/api"):
        raise ValueError("must end in /api/")
    return f"{_address(value)}/"


def _service_url(value: str) -> str:
    """``https://*.example.org`` stands for every host below it, and has no other star."""
    _address(value.replace("//*.", "//any.", 1))
    if "*" in value.replace("//*.", "//", 1):
        raise ValueError("may hold a star only in place of the first part of the host")
    return value.rstrip("/")


Link = Annotated[str, AfterValidator(_link)]
"""An address shown to people."""
Address = Annotated[str, AfterValidator(_address)]
"""The base address of a service, without a slash at the end."""
Origin = Annotated[str, AfterValidator(_origin)]
"""Scheme, host and port, nothing after."""
SlackApi = Annotated[str, AfterValidator(_slack_api)]
ServiceUrl = Annotated[str, AfterValidator(_service_url)]
"""A service of Teams, or with ``*.`` all the hosts below a name."""


def _matching(pattern: re.Pattern[str], looks: str, *, lower: bool = False) -> AfterValidator:
    def check(value: str) -> str:
        value = value.strip().lower() if lower else value.strip()
        if not pattern.fullmatch(value):
            raise ValueError(f"must be {looks}")
        return value

    return AfterValidator(check)


def is_guid(value: str) -> bool:
    """Whether it is an id, in small letters or large."""
    return _GUID.fullmatch(value.strip().lower()) is not None


Guid = Annotated[str, _matching(_GUID, "an id such as 00000000-0000-0000-0000-000000000000", lower=True)]
SYSTEM = "system"
"""The identity of the machine itself."""
ManagedId = Annotated[
    str,
    _matching(
        re.compile(rf"{SYSTEM}|{_GUID.pattern}"),
        "system, or the client id of a user-assigned identity",
        lower=True,
    ),
]
Tenant = Annotated[str, _matching(_TENANT, "the id or a domain of the tenant")]
WorkspaceId = Annotated[str, _matching(_WORKSPACE, "a workspace id such as T0123456789")]
ChannelId = Annotated[str, _matching(_CHANNEL, "a channel id such as C0123456789, not a name")]
TeamsChannelId = Annotated[
    str, _matching(_TEAMS_CHANNEL, "a channel id such as 19:…@thread.tacv2, not a name or a link")
]


ProviderName = Annotated[
    str, _matching(re.compile(r"[a-z][a-z0-9-]{0,29}"), "small letters, digits and hyphens, such as idporten")
]
"""Stands in addresses that are registered with the provider."""


def _number_source(value: str) -> str:
    kind, _, where = value.partition(":")
    match kind:
        case "none" if not where:
            return value
        case "url":
            _parts(where)
            return value
        case "graph" if re.fullmatch(r"[A-Za-z]\w*(?:/\w+){0,2}", where):
            return value
        case "file" if where:
            return value
    raise ValueError("must be graph:PATH, url:ADDRESS, file:PATH or none")


NumberSource = Annotated[str, AfterValidator(_number_source)]
"""Where person numbers are held: a property of the account, a service that says yes or no, a file of keyed hashes."""


def _token(prefix: str, kind: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip()
        if not token.startswith(prefix):
            raise ValueError(f"must be {kind}, which begins with {prefix}")
        return SecretStr(token)

    return AfterValidator(check)


BotToken = Annotated[SecretStr, _token("xoxb-", "the bot token")]
AppToken = Annotated[SecretStr, _token("xapp-", "an app-level token")]


def _listed(value: object) -> object:
    """``a, b`` → ``[a, b]``: how a list stands in a variable or a secret file."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value if isinstance(value, list | tuple) else [value]


Listed = BeforeValidator(_listed)
"""For tuples: one value is a list of one, and commas separate several in one string."""


def _key(value: SecretBytes) -> SecretBytes:
    encoded = value.get_secret_value().strip().translate(bytes.maketrans(b"-_", b"+/"))
    try:
        raw = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        raise ValueError(f"must be {KEY_BYTES} random bytes in base64") from None
    if len(raw) != KEY_BYTES:
        raise ValueError(f"must be {KEY_BYTES} random bytes in base64, and holds {len(raw)}")
    return SecretBytes(raw)


def _once_each(keys: tuple[SecretBytes, ...]) -> tuple[SecretBytes, ...]:
    if len({key.get_secret_value() for key in keys}) != len(keys):
        raise ValueError("holds the same key twice")
    return keys


Keys = Annotated[
    tuple[Annotated[SecretBytes, AfterValidator(_key)], ...],
    AfterValidator(_once_each),
    Listed,
]


def _proxies(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        try:
            ipaddress.ip_network(value)
        except ValueError:
            raise ValueError("must list addresses or networks such as 10.0.0.0/24") from None
    return values


Networks = Annotated[tuple[str, ...], AfterValidator(_proxies), Listed]


def _offsets(values: tuple[int, ...]) -> tuple[int, ...]:
    if not values:
        raise ValueError("must name at least one day")
    if len(set(values)) != len(values):
        raise ValueError("names the same day twice")
    if not all(-90 <= value <= 30 for value in values):
        raise ValueError("must lie between -90 (before) and 30 (after the activation day)")
    return tuple(sorted(values))


Offsets = Annotated[tuple[int, ...], AfterValidator(_offsets), Listed]


@dataclass(frozen=True)
class Hours:
    """The part of a working day in which people are written to: from ``start`` until before ``end``."""

    start: time
    end: time

    @classmethod
    def parse(cls, value: object) -> Self:
        """``08:00-16:00`` → hours."""
        found = _CLOCK_TIMES.fullmatch(value.strip()) if isinstance(value, str) else None
        if isinstance(value, cls):
            return value
        if found is None:
            raise ValueError("must be two times such as 08:00-16:00")
        try:
            hours = cls(time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))
        except ValueError:
            raise ValueError("must be two times such as 08:00-16:00") from None
        if hours.start >= hours.end:
            raise ValueError("must end later than it begins")
        return hours


WorkingHours = Annotated[Hours, BeforeValidator(Hours.parse)]


@dataclass(frozen=True)
class Bind:
    """An address and port of this machine to listen on."""

    host: str
    port: int

    @classmethod
    def parse(cls, value: object) -> Self:
        """``127.0.0.1:8080`` or ``[::1]:8080`` → address and port."""
        if isinstance(value, cls):
            return value
        host, colon, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not host or not re.fullmatch(r"\d{1,5}", port) or int(port) > 65535:
            raise ValueError("must be an address and a port such as 127.0.0.1:8080")
        return cls(host, int(port))

    def __str__(self) -> str:
        """As it is written in the settings."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


ListenAt = Annotated[Bind, BeforeValidator(Bind.parse)]


def _storage(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("sqlite:///", "postgresql://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return value


StorageUrl = Annotated[SecretStr, AfterValidator(_storage)]
"""Masked, since the address of a PostgreSQL server may hold its password."""


class Wording(BaseModel):
    """A piece of the organisation's own words, in every language."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    en: str
    nb: str
    nn: str


def _worded(value: object) -> object:
    return {"en": value, "nb": value, "nn": value} if isinstance(value, str) else value


Words = Annotated[Wording, BeforeValidator(_worded)]
"""One text for all languages, or one for each."""
