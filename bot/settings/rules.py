"""What must be set, and what cannot stand together."""

from collections.abc import Iterator
from pathlib import Path

from bot.settings.sections import Settings, Slack, SlackMode


def missing(settings: Settings) -> Iterator[str]:
    """The keys without which the bot cannot run."""
    if settings.slack.on:
        yield from _missing_in_slack(settings.slack)
    entra = settings.entra
    if not entra.tenant_id:
        yield "entra.tenant_id"
    if not entra.client_id:
        yield "entra.client_id"
    if not entra.client_secret.get_secret_value() and entra.certificate is None:
        yield "entra.client_secret or entra.certificate"
    if not settings.approval.group:
        yield "approval.group"
    if not settings.verification.agents_group:
        yield "verification.agents_group"
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
    if not slack.support_channel:
        yield "slack.support_channel"


def contradictions(settings: Settings) -> Iterator[tuple[tuple[str, str], str]]:
    """The key that is wrong, and the rest of the sentence."""
    if settings.entra.client_secret.get_secret_value() and settings.entra.certificate is not None:
        yield ("entra", "certificate"), "cannot stand beside entra.client_secret: keep one of them"
    if set(settings.secrets.audit_key) & set(settings.secrets.evidence_key):
        yield ("secrets", "evidence_key"), "must not be the same key as secrets.audit_key"
    for key, file in _files(settings):
        if not file.is_file():
            yield key, f"names the file {file}, which is not there"


def _files(settings: Settings) -> Iterator[tuple[tuple[str, str], Path]]:
    if settings.entra.certificate is not None:
        yield ("entra", "certificate"), settings.entra.certificate
    if settings.http.ca_file is not None:
        yield ("http", "ca_file"), settings.http.ca_file
