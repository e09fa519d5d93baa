"""A token that Azure gives to the machine, in place of a secret: asked for as App Service is asked."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from graph.errors import TokenError, Unavailable
from graph.tokens import ManagedIdentity, Tokens

HEADER = "the-header-of-this-machine"
OURS = "6f0c1e0a-7d4f-5a52-9a07-3f1f7a9f0001"


@dataclass
class Machine:
    """The endpoint of App Service: https://learn.microsoft.com/azure/app-service/overview-managed-identity."""

    url: str = ""
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        if request.headers.get("X-IDENTITY-HEADER") != HEADER:
            return web.json_response({"statusCode": 401, "message": "no"}, status=401)
        if self.status != 200:
            return web.json_response(
                {"statusCode": self.status, "message": "no identity"}, status=self.status
            )
        token = f"token-{len(self.asked)}"
        return web.json_response(
            {
                "access_token": token,
                "expires_on": str(int(time.time()) + 3600),
                "resource": request.query["resource"],
                "token_type": "Bearer",
            }
        )


@pytest.fixture
async def machine(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Machine]:
    machine = Machine()
    app = web.Application()
    app.router.add_get("/msi/token", machine.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    machine.url = f"http://127.0.0.1:{runner.addresses[0][1]}/msi/token"
    monkeypatch.setenv("IDENTITY_ENDPOINT", machine.url)
    monkeypatch.setenv("IDENTITY_HEADER", HEADER)
    yield machine
    await runner.cleanup()


def _tokens(identity: ManagedIdentity) -> Tokens:
    return Tokens(
        authority_url="https://127.0.0.1:1",
        tenant_id="tenant",
        client_id=OURS,
        credential=identity,
        scope="https://graph.microsoft.com/.default",
        timeout=5,
    )


async def test_a_token_comes_from_the_machine_and_is_kept(machine: Machine) -> None:
    tokens = _tokens(ManagedIdentity())
    assert [await tokens.get(), await tokens.get()] == ["token-1", "token-1"]
    [asked] = machine.asked
    assert asked["resource"] == "https://graph.microsoft.com"
    assert "client_id" not in asked
    await tokens.aclose()


async def test_a_token_that_was_refused_is_asked_for_anew(machine: Machine) -> None:
    tokens = _tokens(ManagedIdentity())
    tokens.drop(await tokens.get())
    assert await tokens.get() == "token-2"
    await tokens.aclose()


async def test_a_user_assigned_identity_is_named(machine: Machine) -> None:
    tokens = _tokens(ManagedIdentity(OURS))
    await tokens.get()
    assert machine.asked[0]["client_id"] == OURS
    await tokens.aclose()


@pytest.mark.parametrize(("status", "error"), [(400, TokenError), (500, Unavailable), (429, Unavailable)])
async def test_a_machine_without_the_identity_gives_none(
    machine: Machine, status: int, error: type[Exception]
) -> None:
    machine.status = status
    tokens = _tokens(ManagedIdentity())
    with pytest.raises(error):
        await tokens.get()
    await tokens.aclose()
