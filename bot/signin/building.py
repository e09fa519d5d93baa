"""Sign-in at Entra as the settings describe it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.jose import CertifiedKey, UnusableKey
from bot.oidc.building import client_of
from bot.oidc.metadata import Published
from bot.settings import Settings
from bot.settings.sources import SettingsError
from bot.signin.authority import Authority
from bot.signin.client import EntraSignIn
from graph.secret import Secret


@asynccontextmanager
async def sign_in_of(settings: Settings) -> AsyncIterator[EntraSignIn | None]:
    """Nothing, where ``signin`` is not set. Nothing is fetched before the first sign-in.

    Raises ``SettingsError`` for a certificate that cannot be used.
    """
    if not settings.signin.on:
        yield None
        return
    async with client_of(settings.http.ca_file) as client:
        authority = Authority(
            authority_url=settings.entra.authority_url,
            tenant_id=settings.entra.tenant_id.lower(),
            client_id=settings.signin.client_id,
            credential=_credential(settings),
            auth_context=settings.signin.auth_context,
        )
        yield EntraSignIn(authority, Published(authority, client), client, settings.web.public_url)


def _credential(settings: Settings) -> Secret | CertifiedKey:
    signin = settings.signin
    if signin.certificate is None:
        return Secret(signin.client_secret.get_secret_value())
    try:
        return CertifiedKey(Secret(signin.certificate.read_text(encoding="ascii")))
    except (UnusableKey, OSError, ValueError):
        raise SettingsError(
            "signin.certificate must be a PEM file with an RSA private key of 2,048 bits or more, without a "
            "password, and the certificate that belongs to it."
        ) from None
