"""Access tokens for our application, got and kept by MSAL."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import httpx
import msal
import structlog

from graph.clouds import is_microsoft
from graph.errors import GraphError, TokenError, Unavailable
from graph.secret import Secret

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

# What is left of a token has to last for the request it is fetched for.
_LEAST_LEFT = 60.0


@dataclass(frozen=True)
class ClientSecret:
    """The application proves itself with a shared secret."""

    secret: Secret


@dataclass(frozen=True)
class Certificate:
    """The application proves itself with a private key; ``pem`` holds the key and its certificate."""

    pem: Secret


@dataclass(frozen=True)
class ManagedIdentity:
    """Azure vouches for the machine the application runs on; there is nothing to keep secret.

    https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
    """

    client_id: str = ""
    """Of a user-assigned identity; the machine's own without."""


Credential = ClientSecret | Certificate | ManagedIdentity


class _App(Protocol):
    """The part of MSAL's application that we use."""

    def acquire_token_for_client(self, scopes: list[str]) -> Mapping[str, object] | None: ...

    def remove_tokens_for_client(self) -> None: ...


class _Managed:
    """MSAL's client for managed identities, in the form of its application."""

    def __init__(self, identity: ManagedIdentity, wire: "_Wire") -> None:
        self._identity = identity
        self._wire = wire
        self.remove_tokens_for_client()

    def acquire_token_for_client(self, scopes: list[str]) -> Mapping[str, object] | None:
        """A token for the resource that the one scope names."""
        [scope] = scopes
        return cast(
            "Mapping[str, object]",
            self._client.acquire_token_for_client(resource=scope.removesuffix("/.default")),
        )

    def remove_tokens_for_client(self) -> None:
        """Begin anew, with nothing kept."""
        named = self._identity.client_id
        self._client = msal.ManagedIdentityClient(
            msal.UserAssignedManagedIdentity(client_id=named)
            if named
            else msal.SystemAssignedManagedIdentity(),
            http_client=self._wire,
        )


@dataclass(frozen=True)
class _Held:
    token: str
    until: float


class _Wire:
    """The HTTP client that MSAL is given.

    MSAL's own takes its trust from ``REQUESTS_CA_BUNDLE`` whatever it is told. It hands a certificate's
    assertion over as bytes, which httpx would send as ``b'…'``.
    """

    def __init__(self, trust: ssl.SSLContext, timeout: float) -> None:
        self._client = httpx.Client(verify=trust, timeout=timeout)
        self.status = 0

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> httpx.Response:
        return self._seen(self._client.get(url, params=params, headers=headers))

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> httpx.Response:
        form = {name: _as_text(value) for name, value in (data or {}).items()}
        return self._seen(self._client.post(url, params=params, data=form, headers=headers))

    def close(self) -> None:
        self._client.close()

    def _seen(self, response: httpx.Response) -> httpx.Response:
        self.status = response.status_code
        return response


def _as_text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class Tokens:
    """Gives access tokens for one scope. At most one request to Entra is under way at a time.

    Nothing is fetched before the first ``get``. Neither credential nor token is ever logged.
    """

    def __init__(
        self,
        *,
        authority_url: str,
        tenant_id: str,
        client_id: str,
        credential: Credential,
        scope: str,
        ca_file: Path | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._authority_url = authority_url
        self._tenant_id = tenant_id
        self._client_id = client_id
        self._credential = credential
        self._scope = scope
        self._ca_file = ca_file
        self._timeout = timeout
        self._wire: _Wire | None = None
        self._app: _App | None = None
        self._held: _Held | None = None
        self._flight: asyncio.Task[str] | None = None

    def __repr__(self) -> str:
        return f"Tokens(client_id={self._client_id!r}, scope={self._scope!r})"

    async def get(self) -> str:
        """A token that is good for at least another minute.

        ``TokenError`` when Entra refuses, ``Unavailable`` when it cannot be reached; with an older token
        still in hand, that one.
        """
        if self._flight is None:
            self._flight = asyncio.create_task(asyncio.to_thread(self._fetch))
            self._flight.add_done_callback(self._landed)
        return await asyncio.shield(self._flight)

    def drop(self, token: str) -> None:
        """Forget this token, which was refused, so that the next ``get`` asks Entra."""
        if self._held is None or self._held.token != token:
            return
        self._held = None
        if self._app is not None:
            self._app.remove_tokens_for_client()

    async def aclose(self) -> None:
        """Let go of the connections to Entra."""
        if self._flight is not None:
            await asyncio.wait([self._flight])
        if self._wire is not None:
            await asyncio.to_thread(self._wire.close)

    def _landed(self, flight: asyncio.Task[str]) -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # Marks it as seen: every waiter may have left.

    def _fetch(self) -> str:
        outcome = self._ask()
        if isinstance(outcome, _Held):
            self._held = outcome
            return outcome.token
        held = self._held
        if held is not None and held.until - time.monotonic() > _LEAST_LEFT:
            log.warning("token-not-renewed", code=outcome.code, status=outcome.status)
            return held.token
        raise outcome

    def _ask(self) -> _Held | GraphError:
        # Returned, not raised: the errors of MSAL and httpx carry the request, and with it the credential.
        try:
            if self._app is None:
                self._app = self._build()
            answer = self._app.acquire_token_for_client([self._scope]) or {}
        except httpx.HTTPError as error:
            return Unavailable("Entra cannot be reached", code=type(error).__name__)
        except msal.exceptions.MsalServiceError:
            return Unavailable("Entra does not work at the moment", status=self._last_status())
        except ssl.SSLError as error:
            return TokenError("The CA file cannot be used", code=error.reason or "")
        except OSError as error:
            return TokenError("The CA file cannot be read", code=type(error).__name__)
        except (ValueError, TypeError, KeyError, RuntimeError) as error:
            return self._unusable(error)
        return self._judge(answer)

    def _build(self) -> _App:
        trust = ssl.create_default_context(cafile=self._ca_file)
        if self._wire is None:
            self._wire = _Wire(trust, self._timeout)
        if isinstance(self._credential, ManagedIdentity):
            return _Managed(self._credential, self._wire)
        authority = f"{self._authority_url.rstrip('/')}/{self._tenant_id}"
        return cast(
            "_App",
            msal.ConfidentialClientApplication(
                self._client_id,
                client_credential=_for_msal(self._credential),
                authority=authority,
                # MSAL asks Microsoft about every host it does not know; ours may be all there is.
                instance_discovery=None if is_microsoft(authority) else False,
                http_client=self._wire,
            ),
        )

    def _judge(self, answer: Mapping[str, object]) -> _Held | GraphError:
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if isinstance(token, str) and isinstance(seconds, int):
            return _Held(token, time.monotonic() + seconds)
        code = str(answer.get("error") or "no_token")
        status = self._last_status()
        if status == 429 or status >= 500:
            return Unavailable("Entra asks to wait", status=status, code=code)
        lines = str(answer.get("error_description") or "").splitlines()
        return TokenError(self._clean(lines[0] if lines else "Entra gave no token"), status=status, code=code)

    def _unusable(self, error: Exception) -> GraphError:
        status = self._last_status()
        if status == 429 or status >= 500:
            return Unavailable("Entra does not work at the moment", status=status)
        if 400 <= status < 500:
            return TokenError("Entra does not know this tenant", status=status, code="invalid_tenant")
        return TokenError("The credential or the address of Entra cannot be used", code=type(error).__name__)

    def _last_status(self) -> int:
        return self._wire.status if self._wire is not None else 0

    def _clean(self, told: str) -> str:
        match self._credential:
            case ClientSecret(secret=secret):
                return told.replace(secret.reveal(), "***")
            case Certificate() | ManagedIdentity():
                return told


def _for_msal(credential: ClientSecret | Certificate) -> str | dict[str, str]:
    match credential:
        case ClientSecret(secret=secret):
            return secret.reveal()
        case Certificate(pem=pem):
            return {"private_key": pem.reveal(), "public_certificate": pem.reveal()}
