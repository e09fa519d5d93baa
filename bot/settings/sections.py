"""Every setting: its name, type and default. Nothing is read here.

What is empty by default and needed all the same is listed in ``rules``.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from bot.settings.eid import Eid
from bot.settings.gateways import Mail, Sms
from bot.settings.rollout import Rollout
from bot.settings.section import UNSET, Section
from bot.settings.security import Security
from bot.settings.signin import SignIn
from bot.settings.values import (
    Address,
    AppToken,
    Bind,
    BotToken,
    ChannelId,
    Guid,
    Keys,
    Link,
    Listed,
    ListenAt,
    ManagedId,
    Networks,
    Origin,
    ServiceUrl,
    SlackApi,
    StorageUrl,
    TeamsChannelId,
    Tenant,
    Wording,
    Words,
    WorkingHours,
    WorkspaceId,
)
from bot.settings.verification import Verification
from handlers.messages import Language
from handlers.signing_in.stepping import StepUp


class SlackMode(StrEnum):
    """How Slack's events reach us."""

    SOCKET = "socket"
    HTTP = "http"
    OFF = "off"


class Slack(Section):
    """Slack, and which part of it is ours."""

    mode: SlackMode = SlackMode.SOCKET
    api_url: SlackApi = "https://slack.com/api/"
    app_token: AppToken = UNSET
    signing_secret: SecretStr = UNSET
    bot_token: BotToken = UNSET
    workspace_ids: Annotated[tuple[WorkspaceId, ...], Listed] = ()
    support_channel: ChannelId = ""
    help_channels: Annotated[tuple[ChannelId, ...], Listed] = ()

    @property
    def on(self) -> bool:
        """Whether the bot is in Slack at all."""
        return self.mode is not SlackMode.OFF


class TeamsMode(StrEnum):
    """How the events of Teams reach us."""

    HTTP = "http"
    OFF = "off"


class Teams(Section):
    """Microsoft Teams, our bot registration, and the service it belongs to."""

    mode: TeamsMode = TeamsMode.OFF
    app_id: Guid = ""
    client_secret: SecretStr = UNSET
    certificate: Path | None = None
    managed_identity: ManagedId = ""
    tenant_ids: Annotated[tuple[Guid, ...], Listed] = ()
    """Whose people are served; unset: those of ``entra.tenant_id``."""
    support_channel: TeamsChannelId = ""
    login_url: Origin = "https://login.microsoftonline.com"
    openid_url: Address = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    service_urls: Annotated[tuple[ServiceUrl, ...], Listed] = (
        "https://smba.trafficmanager.net/teams",
        "https://*.teams.microsoft.com",
        "https://*.teams.microsoft.us",
        "https://smba.infra.gcc.teams.microsoft.com",
    )
    """Where we send to, and no further. The first is for whoever we have not heard from."""

    @property
    def on(self) -> bool:
        """Whether the bot is in Teams at all."""
        return self.mode is not TeamsMode.OFF


class Support(Section):
    """How people and support get together."""

    relay: bool = False
    hours: WorkingHours | None = None
    """When support answers; without it, in the hours of the rollout."""
    webhook: Link = ""
    webhook_key: SecretStr = UNSET


class Entra(Section):
    """The tenant, and our app registration in it."""

    tenant_id: Tenant = ""
    client_id: Guid = ""
    client_secret: SecretStr = UNSET
    certificate: Path | None = None
    managed_identity: ManagedId = ""
    authority_url: Origin = "https://login.microsoftonline.com"
    graph_url: Address = "https://graph.microsoft.com/v1.0"
    report_rate: Annotated[int, Field(ge=1, le=1000)] = 5
    """Requests in ten seconds that Microsoft Graph allows for reports and the methods of an account."""


class Http(Section):
    """Our own calls to the outside."""

    ca_file: Path | None = None


class Approval(Section):
    """Who decides, and how they prove who they are."""

    group: Guid = ""
    fallback_group: Guid = ""
    on_call_group: Guid = ""
    step_up: StepUp = StepUp.WINDOW
    step_up_minutes: Annotated[int, Field(ge=1, le=60)] = 5


class Passes(Section):
    """The Temporary Access Pass. The minimum lifetime is the platform's, the maximum ours."""

    lifetime_minutes: Annotated[int, Field(ge=10, le=60)] = 30
    show_within_hours: Annotated[int, Field(ge=1, le=168)] = 24
    daily_cap: Annotated[int, Field(ge=1, le=10_000)] = 50
    evaluation: bool = False
    revoke_sessions: bool = True


class Reader(Section):
    """A language model that may help to tell what a question is about. Without an address there is none."""

    url: Address = ""
    model: str = ""
    key: SecretStr = UNSET

    @property
    def on(self) -> bool:
        """Whether there is one."""
        return bool(self.url)


class Answers(Section):
    """How questions are understood."""

    reader: Reader = Reader()


class Retention(Section):
    """How long things are kept."""

    questions_days: Annotated[int, Field(ge=1, le=3650)] = 90


class Secrets(Section):
    """Keys that keep the records honest. The first of a list signs, all of them verify."""

    audit_key: Keys = ()
    evidence_key: Keys = ()
    number_key: Keys = ()


class Storage(Section):
    """The database."""

    url: StorageUrl = SecretStr("sqlite:///tofaktor.db")


class Web(Section):
    """Our own web pages."""

    bind: ListenAt = Bind.parse("127.0.0.1:8080")
    public_url: Origin = "http://127.0.0.1:8080"
    trusted_proxies: Networks = ()
    own_networks: Networks = ()


class Organisation(Section):
    """What answers say about the organisation. Unset: the answer sends people to the service desk."""

    language: Language = Language.NB
    """Of the support channel, and of people whose language nobody knows."""
    name: Words | None = None
    service_desk: Words | None = None
    service_desk_phone: str | None = None
    service_desk_hours: Words | None = None
    service_desk_place: Words | None = None
    own_telecom: bool = False
    decided_by: Words | None = None
    allowed_methods: Words | None = None
    key_policy: Words | None = None
    private_phone_policy: Words | None = None
    prompt_frequency: Words | None = None
    other_services: Words | None = None
    shared_accounts_policy: Words | None = None
    app_passwords: Words | None = None
    snooze_policy: Words | None = None

    def said_in(self, language: Language) -> dict[str, str | bool | None]:
        """The values under their names, in one language: what templates see."""
        values: dict[str, Wording | str | bool | None] = dict(self)
        return {
            name: getattr(value, language.value) if isinstance(value, Wording) else value
            for name, value in values.items()
        }


class Links(Section):
    """Addresses that answers point to."""

    setup: Link | None = None
    security_info: Link | None = None
    id_porten_reset: Link | None = None
    sign_in: Link | None = None
    service_desk: Link | None = None
    intranet: Link | None = None
    privacy: Link | None = None


class Settings(BaseSettings):
    """All settings, typed and frozen. Made by ``bot.settings.load``; reads nothing by itself."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix="TOFAKTOR_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        enable_decoding=False,
    )

    slack: Slack = Slack()
    teams: Teams = Teams()
    support: Support = Support()
    entra: Entra = Entra()
    http: Http = Http()
    signin: SignIn = SignIn()
    eid: Eid = Eid()
    sms: Sms = Sms()
    mail: Mail = Mail()
    approval: Approval = Approval()
    security: Security = Security()
    verification: Verification = Verification()
    passes: Passes = Passes()
    rollout: Rollout = Rollout()
    answers: Answers = Answers()
    retention: Retention = Retention()
    secrets: Secrets = Secrets()
    storage: Storage = Storage()
    web: Web = Web()
    organisation: Organisation = Organisation()
    links: Links = Links()

    @property
    def teams_tenants(self) -> tuple[str, ...]:
        """Whose people are served in Teams."""
        return self.teams.tenant_ids or (self.entra.tenant_id.lower(),)

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed in: sources are read, named and merged in ``loading``."""
        return (init_settings,)
