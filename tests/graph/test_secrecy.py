"""Planted secrets, and everything that might show them: logs, errors, representations, addresses."""

import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from io import StringIO

import pytest
import structlog

from graph.errors import GraphError
from graph.secret import Secret
from graph.tokens import ClientSecret
from tests.graph.rig import Rig

HOUR = timedelta(hours=1)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that anybody logs at any level, structlog and the standard library alike."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    structlog.reset_defaults()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    yield written
    structlog.reset_defaults()
    root.removeHandler(handler)
    root.setLevel(before)


def _told(error: BaseException) -> str:
    """All that a traceback with its causes, or a tool that collects errors, could show."""
    seen: list[str] = []
    link: BaseException | None = error
    while link is not None:
        seen += [repr(link), str(link), repr(vars(link)), *traceback.format_exception(link)]
        seen += [repr(vars(getattr(link, "request", None)))] if hasattr(link, "request") else []
        link = link.__cause__ or link.__context__
    return "\n".join(seen)


Doing = Callable[[Rig, str], Awaitable[object]]


async def _create(rig: Rig, user: str) -> object:
    return await rig.passes.create(user, HOUR)


async def _find(rig: Rig, user: str) -> object:
    return await rig.users.find(user)


async def _get(rig: Rig, user: str) -> object:
    return await rig.users.get(user)


async def _attribute(rig: Rig, user: str) -> object:
    return await rig.users.attribute(user, "onPremisesExtensionAttributes/extensionAttribute1")


async def _list(rig: Rig, user: str) -> object:
    return await rig.methods.list(user)


@pytest.mark.parametrize("doing", [_create, _find, _get, _attribute, _list])
@pytest.mark.parametrize("fault", ["none", "lost", "status", "refused", "missing", "down"])
async def test_nothing_secret_is_shown(rig: Rig, log: StringIO, doing: Doing, fault: str) -> None:
    kari = rig.who("Kari Bråten")
    token = await rig.tokens.get()
    match fault:
        case "lost":
            rig.entra.faults.lose_answer("*", times=None)
        case "status":
            rig.entra.faults.answer("*", 500, times=None)
        case "refused":
            rig.entra.faults.answer("*", 401, times=None)
        case "missing":
            rig.entra.login.granted.clear()
            rig.entra.login.revoke_tokens()
        case "down":
            await rig.entra.refuse_connections()
    told = ""
    try:
        result = await doing(rig, kari.upn)
        told = repr(result) if doing is not _attribute else ""
    except GraphError as error:
        told = _told(error)

    shown = log.getvalue() + told + repr(rig.tokens) + repr(rig.client)
    secrets = [token, await rig.tokens.get(), rig.entra.client_secret, str(kari.person_number)]
    for secret in [*secrets, *(made.code for made in rig.entra.passes_created)]:
        assert secret not in shown
    assert "graph-" in log.getvalue()
    assert kari.upn.split("@")[0] not in log.getvalue()
    for recorded in rig.entra.requests:
        assert not any(secret in f"{recorded.path}?{recorded.query}" for secret in secrets)


async def test_a_refused_credential_is_not_shown(rig: Rig, log: StringIO) -> None:
    rig.tokens = rig.make_tokens(ClientSecret(Secret("s3cr3t-canary")))
    rig.client = rig.make_client()

    with pytest.raises(GraphError) as caught:
        await rig.passes.policy()

    assert "s3cr3t-canary" not in _told(caught.value) + log.getvalue()
    assert rig.entra.login.requests == 1
