"""The registration report."""

from datetime import timedelta

import pytest

from graph.errors import Forbidden, NoPremiumLicence, Throttled
from graph.methods import Kind
from graph.reports import RegistrationRow
from graph.together import together
from tests.graph.rig import Rig


async def test_everybody_is_in_it_once(rig: Rig) -> None:
    rig.entra.paging.size = 13
    rig.entra.paging.empty_first = True

    rows = [row async for row in rig.reports.registration()]

    assert sorted(row.id for row in rows) == sorted(r.object_id for r in rig.entra.world.residents)
    by_name = {row.upn: row for row in rows}
    assert by_name[rig.who("Aisha Rahman").upn].registered
    assert by_name[rig.who("Aisha Rahman").upn].methods >= {"fido2SecurityKey"}
    assert not by_name[rig.who("Kari Bråten").upn].registered
    assert by_name[rig.who("Astrid Kvamme").upn].is_admin


async def test_a_pass_a_mail_and_a_flag_do_not_make_a_second_factor(rig: Rig) -> None:
    for name in ("Torunn Bø", "Kari Bråten"):
        await rig.passes.create(rig.who(name).object_id, timedelta(hours=1))
    rig.entra.reports.refresh()

    for name in ("Torunn Bø", "Kari Bråten"):
        row = await rig.reports.registration_of(rig.who(name).object_id)
        assert row is not None
        assert row.is_mfa_registered
        assert not row.registered


async def test_it_is_as_old_as_its_last_refresh(rig: Rig) -> None:
    kari = rig.who("Kari Bråten")
    rig.entra.devices.register(kari, Kind.SOFTWARE_OATH)
    before = await rig.reports.registration_of(kari.object_id)
    rig.entra.reports.refresh()
    after = await rig.reports.registration_of(kari.object_id)

    assert before is not None
    assert after is not None
    assert (before.registered, after.registered) == (False, True)
    assert after.refreshed is not None
    assert after.refreshed < rig.clock.now()


def test_its_names_are_the_kinds_of_a_look_at_the_account_itself() -> None:
    def kinds(*methods: str, flag: bool = True) -> set[Kind]:
        row = RegistrationRow("id", "upn", "", None, False, flag, flag, frozenset(methods), None, None)
        return set(row.kinds)

    assert kinds("microsoftAuthenticatorPush", "email") == {Kind.AUTHENTICATOR, Kind.EMAIL}
    assert kinds("alternateMobilePhone", "securityQuestion") == {Kind.PHONE}
    assert kinds("somethingNew2030") == {Kind.UNKNOWN}
    assert kinds("temporaryAccessPass") == {Kind.PASS}
    assert kinds("mobilePhone", "email", flag=False) == {Kind.EMAIL}, "a number to reset the password with"


async def test_a_look_at_one_row_is_one_request(rig: Rig) -> None:
    row = await rig.reports.sample()
    assert row is not None
    assert row.refreshed is not None
    assert rig.clock.now() - row.refreshed >= rig.entra.reports.lag
    assert len(rig.entra.requests) == 1


async def test_the_emulated_report_is_made_anew_in_its_time_and_no_sooner(rig: Rig) -> None:
    kari = rig.who("Kari Bråten")
    rig.entra.reports.every = timedelta(hours=4)
    rig.entra.devices.register(kari, Kind.SOFTWARE_OATH)
    told = []
    for _ in range(3):
        row = await rig.reports.registration_of(kari.object_id)
        told.append(row is not None and row.registered)
        rig.clock.move(timedelta(hours=2))
    assert told == [False, False, True]


async def test_a_part_of_a_batch_meets_the_limit_by_itself(rig: Rig) -> None:
    rig.entra.limit_methods()
    async with together() as group:
        for resident in rig.entra.world.residents[:8]:
            group.create_task(rig.methods.list(resident.object_id))
    parts = [r.status for r in rig.entra.requests if r.batch is not None]
    assert sorted(str(status) for status in parts) == ["200"] * 5 + ["429"] * 3
    assert rig.pauses.taken, "what the batch was refused was asked for again, after the pause"


async def test_who_is_not_in_it_yet(rig: Rig) -> None:
    assert await rig.reports.registration_of("b2c0f5a8-0000-4000-8000-000000000000") is None


async def test_without_a_premium_licence(rig: Rig) -> None:
    rig.entra.reports.premium = False

    with pytest.raises(NoPremiumLicence):
        [row async for row in rig.reports.registration()]


async def test_without_the_permission_it_is_another_error(rig: Rig) -> None:
    rig.entra.faults.missing.add("AuditLog.Read.All")

    with pytest.raises(Forbidden, match=r"AuditLog\.Read\.All") as caught:
        [row async for row in rig.reports.registration()]

    assert not isinstance(caught.value, NoPremiumLicence)


async def test_graphs_limit_is_kept_and_the_reading_goes_on(rig: Rig) -> None:
    rig.entra.paging.size = 3

    rows = [row async for row in rig.reports.registration()]

    assert len(rows) == len(rig.entra.world.residents)
    assert 429 in {r.status for r in rig.entra.requests}
    assert all(pause <= 11 for pause in rig.pauses.taken)


async def test_a_limit_that_names_no_time_is_met_with_our_own_pauses(rig: Rig) -> None:
    rig.entra.paging.size = 3
    rig.entra.limiter.tells_when = False

    rows = [row async for row in rig.reports.registration()]

    assert len(rows) == len(rig.entra.world.residents)


async def test_a_limit_that_never_lifts_ends_in_an_error(rig: Rig) -> None:
    rig.entra.limiter.limit = 0
    rig.entra.limiter.tells_when = False

    with pytest.raises(Throttled):
        [row async for row in rig.reports.registration()]
