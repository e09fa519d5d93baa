"""What must be set, and what cannot stand together."""

from collections.abc import Iterator
from pathlib import Path

from bot.settings import rollout
from bot.settings.eid import ClientAuth
from bot.settings.policy import holes
from bot.settings.sections import Entra, Reader, Settings, Slack, SlackMode, Teams
from bot.settings.values import is_guid
from handlers.signing_in.stepping import StepUp


def missing(settings: Settings) -> Iterator[str]:
    """The keys without which the bot cannot run."""
    if settings.slack.on:
        yield from _missing_in_slack(settings.slack)
    if settings.teams.on:
        yield from _missing_in_teams(settings)
    yield from _missing_support(settings)
    yield from _missing_in_entra(settings.entra)
    if not settings.approval.group:
        yield "approval.group"
    if not settings.verification.agents_group:
        yield "verification.agents_group"
    if not settings.verification.class_c_groups:
        yield "verification.class_c_groups"
    if not settings.secrets.audit_key:
        yield "secrets.audit_key"
    if not settings.secrets.evidence_key:
        yield "secrets.evidence_key"


def _missing_in_slack(slack: Slack) -> Iterator[str]:
    if slack.mode is SlackMode.SOCKET and not slack.app_token.get_secret_value():
        yield "slack.app_token"
    if slack.mode is SlackMode.HTTP and not slack.signing_secret.get_secret_value():
        yield "slack.signing_secret"
    if not slack.bot_token.get_secret_value():
        yield "slack.bot_token"
    if not slack.workspace_ids:
        yield "slack.workspace_ids"


def _missing_support(settings: Settings) -> Iterator[str]:
    """Support works in a channel of one platform at least."""
    on = {name: each for name in ("slack", "teams") if (each := getattr(settings, name)).on}
    if on and not any(each.support_channel for each in on.values()):
        yield " or ".join(f"{name}.support_channel" for name in on)


def _proofs(registration: Entra | Teams) -> tuple[str, ...]:
    """What there is of all by which an application can prove who it is."""
    given = {
        "client_secret": bool(registration.client_secret.get_secret_value()),
        "certificate": registration.certificate is not None,
        "managed_identity": bool(registration.managed_identity),
    }
    return tuple(name for name, is_there in given.items() if is_there)


def _missing_in_entra(entra: Entra) -> Iterator[str]:
    if not entra.tenant_id:
        yield "entra.tenant_id"
    if not entra.client_id:
        yield "entra.client_id"
    if not _proofs(entra):
        yield "entra.client_secret, entra.certificate or entra.managed_identity"


def _missing_in_teams(settings: Settings) -> Iterator[str]:
    teams = settings.teams
    if not teams.app_id:
        yield "teams.app_id"
    if not _proofs(teams) and teams.app_id != settings.entra.client_id:
        yield "teams.client_secret, teams.certificate or teams.managed_identity"
    if not teams.tenant_ids and not is_guid(settings.entra.tenant_id):
        yield "teams.tenant_ids"
    if not teams.service_urls or "*" in teams.service_urls[0]:
        yield "teams.service_urls with an address without a star at its beginning"


def contradictions(settings: Settings) -> Iterator[tuple[tuple[str, ...], str]]:
    """The key that is wrong, and the rest of the sentence."""
    for name, registration in (("entra", settings.entra), ("teams", settings.teams)):
        first, *others = _proofs(registration) or ("",)
        for other in others:
            yield (name, other), f"cannot stand beside {name}.{first}: keep one of them"
    if settings.slack.support_channel in settings.slack.help_channels:
        yield ("slack", "help_channels"), "must not name slack.support_channel: there, only support writes"
    if set(settings.secrets.audit_key) & set(settings.secrets.evidence_key):
        yield ("secrets", "evidence_key"), "must not be the same key as secrets.audit_key"
    for name in ("fallback_group", "on_call_group"):
        if settings.approval.group and getattr(settings.approval, name) == settings.approval.group:
            yield (
                ("approval", name),
                "must not be the same group as approval.group: its members decide anyway",
            )
    yield from _signin(settings)
    yield from holes(settings.verification)
    yield from _eid(settings)
    yield from rollout.contradictions(settings.rollout)
    yield from _reader(settings.answers.reader)
    if settings.sms.key.get_secret_value() and not settings.sms.url:
        yield ("sms", "key"), "is of no use without sms.url"
    yield from _security(settings)
    for key, file in _files(settings):
        if not file.is_file():
            yield key, f"names the file {file}, which is not there"


def _signin(settings: Settings) -> Iterator[tuple[tuple[str, str], str]]:
    """Half a sign-in is none, and approving without stepping up has to be asked for by its name."""
    signin = settings.signin
    secret = bool(signin.client_secret.get_secret_value())
    if not signin.on:
        if secret or signin.certificate is not None or signin.auth_context:
            yield ("signin", "client_id"), "is missing, since the rest of signin is set"
        return
    if secret and signin.certificate is not None:
        yield ("signin", "certificate"), "cannot stand beside signin.client_secret: keep one of them"
    if not secret and signin.certificate is None:
        yield ("signin", "client_secret"), "is missing, or signin.certificate, since signin.client_id is set"
    if not signin.auth_context and settings.approval.step_up is not StepUp.OFF_WEAKENS_APPROVAL:
        yield (
            ("signin", "auth_context"),
            f"is missing, which approval.step_up {settings.approval.step_up} demands",
        )
    if settings.entra.tenant_id and not is_guid(settings.entra.tenant_id):
        yield (
            ("entra", "tenant_id"),
            "must be the id of the tenant, not a domain: sign-ins are checked against it",
        )


def _security(settings: Settings) -> Iterator[tuple[tuple[str, str], str]]:
    """Whoever wants to be woken or told has to be reachable."""
    security = settings.security
    if security.mail and not settings.mail.sender:
        yield ("security", "mail"), "needs mail.sender: the mailbox that its mail goes out of"
    if security.webhook_key.get_secret_value() and not security.webhook:
        yield ("security", "webhook_key"), "is of no use without security.webhook"
    support = settings.support
    if support.webhook_key.get_secret_value() and not support.webhook:
        yield ("support", "webhook_key"), "is of no use without support.webhook"


def _eid(settings: Settings) -> Iterator[tuple[tuple[str, str], str]]:
    """What would leave the eID route open or without effect."""
    key = ("eid", "providers")
    seen: set[str] = set()
    for provider in settings.eid.providers:
        name = f"entry {provider.name}"
        if provider.name in seen:
            yield key, f"has two entries with the name {provider.name}"
        seen.add(provider.name)
        signs = provider.client_auth is ClientAuth.PRIVATE_KEY_JWT
        if signs and not provider.key:
            yield key, f"{name}: key is missing, which client_auth private_key_jwt needs"
        if not signs and not provider.secret.get_secret_value():
            yield key, f"{name}: secret is missing, which client_auth {provider.client_auth} needs"
        if not provider.accept_acr:
            yield key, f"{name}: accept_acr names no level: every login would be refused"
        if provider.number_source.startswith("file:") and not settings.secrets.number_key:
            yield key, f"{name}: number_source is a file, which needs secrets.number_key"
        missing = sorted(set(provider.acr_values) - set(provider.accept_acr))
        if missing:
            yield key, f"{name}: acr_values asks for {missing[0]}, which accept_acr does not accept"


def _reader(reader: Reader) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Half a reader is none, and nobody should take it for one."""
    if reader.url and not reader.model:
        yield ("answers", "reader", "model"), "is missing, since answers.reader.url is set"
    elif reader.model and not reader.url:
        yield ("answers", "reader", "url"), "is missing, since answers.reader.model is set"
    elif reader.key.get_secret_value() and not reader.url:
        yield ("answers", "reader", "key"), "is of no use without answers.reader.url"


def _files(settings: Settings) -> Iterator[tuple[tuple[str, str], Path]]:
    if settings.entra.certificate is not None:
        yield ("entra", "certificate"), settings.entra.certificate
    if settings.signin.certificate is not None:
        yield ("signin", "certificate"), settings.signin.certificate
    if settings.teams.certificate is not None:
        yield ("teams", "certificate"), settings.teams.certificate
    if settings.http.ca_file is not None:
        yield ("http", "ca_file"), settings.http.ca_file
    if settings.verification.contact_source.startswith("file:"):
        contacts = Path(settings.verification.contact_source.removeprefix("file:"))
        yield ("verification", "contact_source"), contacts
