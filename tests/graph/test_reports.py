"""The registration report."""

from datetime import timedelta

import pytest

from graph.errors import Forbidden, NoPremiumLicence, Throttled
from graph.methods import Kind
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
