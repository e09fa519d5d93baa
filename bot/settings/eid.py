"""The settings of electronic identity: one entry for each provider."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from bot.settings.section import UNSET, Section
from bot.settings.values import Guid, Link, Listed, NumberSource, ProviderName, Words


class ClientAuth(StrEnum):
    """How the bot proves to a provider which client it is (OpenID Connect Core, 9)."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - the name of a method
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105 - the name of a method


def _with_openid(scopes: tuple[str, ...]) -> tuple[str, ...]:
    if "openid" not in scopes:
        raise ValueError("must hold openid: without it nothing is told of who logged in")
    return scopes


class EidProvider(Section):
    """One provider of OpenID Connect."""

    name: ProviderName
    label: Words | None = None
    issuer: Link
    client_id: str
    client_auth: ClientAuth = ClientAuth.PRIVATE_KEY_JWT
    key: Annotated[tuple[SecretStr, ...], Listed] = ()
    kid: str = ""
    secret: SecretStr = UNSET
    scopes: Annotated[tuple[str, ...], Listed, AfterValidator(_with_openid)] = ("openid", "profile")
    acr_values: Annotated[tuple[str, ...], Listed] = ()
    accept_acr: dict[str, Literal[3, 4]]
    claim: str = "pid"
    require: dict[str, Annotated[tuple[str, ...], Listed]] = Field(default_factory=dict)
    number_source: NumberSource = "none"
    groups: Annotated[tuple[Guid, ...], Listed] = ()
    host_allow: Annotated[tuple[str, ...], Listed] = ()


class Eid(Section):
    """The eID route; without providers it is off."""

    providers: tuple[EidProvider, ...] = ()
