"""The directory audit: which entries tell of a new pass, and reading all of them."""

from datetime import UTC, datetime, timedelta

import pytest

from graph.audits import Audits, MadePass, Maker, made_pass
from graph.client import GraphClient
from graph.errors import BadRequest, Forbidden
from graph.fields import Row
from graph.paths import path
from tests.graph.rig import Rig

_ACCOUNT = "30a6c29d-de7c-4830-815f-9b3bb366e975"
_TARGET = {"id": _ACCOUNT, "type": "User", "userPrincipalName": "nora@fjordheim.example"}
_LONG_AGO = timedelta(days=1)


def _entry(activity: str, reason: str, **other: object) -> Row:
    return {
        "id": "Authentication Methods_1",
        "activityDateTime": "2026-11-24T09:00:00.123456Z",
        "activityDisplayName": activity,
        "resultReason": reason,
        "result": "success",
        "initiatedBy": {"app": {"appId": "ours"}, "user": None},
        "targetResources": [_TARGET],
    } | other


@pytest.mark.parametrize(
    "entry",
    [
        _entry("Admin registered security info", "Admin registered temporary access pass method for user"),
        _entry("User registered security info", "User registered temporary access pass method"),
        _entry("Create Temporary Access Pass", ""),
        _entry(
            "Admin registered security info",
            "",
            targetResources=[
                _TARGET | {"modifiedProperties": [{"displayName": "TemporaryAccessPass.Id"}]},
            ],
        ),
        _entry(
            "Admin registered security info",
            "",
            additionalDetails=[{"key": "Method", "value": "TemporaryAccessPass"}],
        ),
    ],
)
def test_a_new_pass_is_known_by_any_of_its_names(entry: Row) -> None:
    at = datetime(2026, 11, 24, 9, 0, 0, 123456, tzinfo=UTC)
    upn = "nora@fjordheim.example"
    made = MadePass("Authentication Methods_1", at, _ACCOUNT, upn, Maker.APPLICATION, "ours")
    assert made_pass(entry) == made


@pytest.mark.parametrize(
    "entry",
    [
        _entry("Admin deleted security info", "Admin deleted temporary access pass method for user"),
        _entry("User registered security info", "User registered Authenticator App with Notification"),
        _entry(
            "Admin registered security info",
            "Admin registered temporary access pass method for user",
            result="failure",
        ),
        _entry(
            "Authentication Methods Policy Add",
            "TemporaryAccessPass",
            targetResources=[{"id": "policy", "type": "Other"}],
        ),
        _entry("Add member to group", ""),
    ],
)
def test_what_is_no_new_pass_is_passed_over(entry: Row) -> None:
    assert made_pass(entry) is None


@pytest.mark.parametrize(
    ("initiated", "maker"),
    [
        (None, (Maker.UNKNOWN, None)),
        ({"app": None, "user": None}, (Maker.UNKNOWN, None)),
        ({"user": {"id": "admin"}}, (Maker.PERSON, "admin")),
        ({"app": {"displayName": "tofaktor"}}, (Maker.APPLICATION, None)),
    ],
)
def test_who_made_it_is_told_as_far_as_it_is_known(initiated: Row | None, maker: object) -> None:
    made = made_pass(_entry("Create Temporary Access Pass", "", initiatedBy=initiated))
    assert made is not None
    assert (made.maker, made.maker_id) == maker


async def test_every_page_is_read_from_a_moment_on(rig: Rig) -> None:
    rig.entra.devices.make_pass(rig.who("Ingrid Solbakken"), rig.who("Nora Lindqvist"))
    rig.clock.move(timedelta(hours=1))
    since = rig.clock.now()
    for name in ("Nora Lindqvist", "Emil Aasen"):
        rig.entra.devices.register_authenticator(rig.who(name), "Phone")
        rig.entra.devices.make_pass(rig.who("Ingrid Solbakken"), rig.who(name))
        await rig.passes.create(rig.who(name).object_id, lifetime=timedelta(hours=1))
    rig.entra.paging.size, rig.entra.paging.empty_first = 1, True
    found = [each async for each in Audits(rig.client).passes_made(since)]
    assert sorted((each.maker, each.account) for each in found) == sorted(
        (maker, rig.who(name).object_id)
        for name in ("Nora Lindqvist", "Emil Aasen")
        for maker in (Maker.APPLICATION, Maker.PERSON)
    )
    assert rig.pauses.taken, "the limit of five in ten seconds was met"


async def test_the_emulator_refuses_without_the_permission_and_what_is_no_time(rig: Rig) -> None:
    client: GraphClient = rig.client
    with pytest.raises(BadRequest):
        await client.get(path("/auditLogs/directoryAudits"), {"$filter": "activityDateTime ge 'today'"})
    with pytest.raises(BadRequest):
        await client.get(path("/auditLogs/directoryAudits"), {"$filter": "resultReason eq 'x'"})
    rig.entra.faults.missing.add("AuditLog.Read.All")
    with pytest.raises(Forbidden) as refused:
        [each async for each in Audits(client).passes_made(rig.clock.now() - _LONG_AGO)]
    assert refused.value.permission == "AuditLog.Read.All"
