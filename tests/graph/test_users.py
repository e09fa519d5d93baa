"""Accounts: by every name they go by, and never by one that two of them share."""

import pytest

from bot.sandbox.world import Kind
from graph.errors import Ambiguous, NotFound, Unreadable
from tests.graph.rig import Rig


async def test_what_only_comes_when_asked_for_is_there(rig: Rig) -> None:
    user = await rig.users.get(rig.who("Oddvar Nes").object_id)

    assert user.account_enabled is False
    assert user.user_type == "Member"
    assert user.department == "Facilities"
    assert user.preferred_language == "nn-NO"
    assert user.created is not None
    assert [identity.sign_in_type for identity in user.identities] == ["userPrincipalName"]


@pytest.mark.parametrize("name", ["Siobhán O'Brien", "Kofi Mensah", "Håkon Øvrebø", "Nora Lindqvist"])
async def test_every_name_of_an_account_finds_it(rig: Rig, name: str) -> None:
    resident = rig.who(name)

    for told in (resident.object_id, resident.upn, resident.upn.upper(), f" {resident.mail} "):
        found = await rig.users.find(told)
        assert found is not None
        assert found.id == resident.object_id
    assert (await rig.users.get(resident.upn)).id == resident.object_id


async def test_when_the_password_was_set_and_every_address(rig: Rig) -> None:
    account = rig.entra.tenant.account(rig.who("Kari Bråten"))
    account.aliases.append("Kari.Old@fjordheim.example")
    user = await rig.users.get(account.id)
    assert user.password_changed == account.password_changed
    assert user.addresses == {user.upn.lower(), (user.mail or "").lower(), "kari.old@fjordheim.example"}

    account.password_changed = None
    assert (await rig.users.get(account.id)).password_changed is None


async def test_the_members_of_the_tenant_are_counted(rig: Rig) -> None:
    members = [
        account for account in rig.entra.tenant.accounts.values() if account.resident.kind is not Kind.GUEST
    ]

    assert await rig.users.count_members() == len(members)
    assert len(rig.entra.requests) == 1


async def test_a_name_that_begins_with_a_dollar_reaches_graph_quoted(rig: Rig) -> None:
    # Unquoted, the emulator refuses it with 400, as Graph would.
    with pytest.raises(NotFound):
        await rig.users.get("$ola's@fjordheim.example")

    assert rig.entra.requests[-1].path.startswith("/users('")


async def test_an_alias_finds_its_account_and_a_plus_survives(rig: Rig) -> None:
    resident = rig.who("Kari Bråten")
    rig.entra.tenant.account(resident).aliases.append("kari+old&co@fjordheim.example")

    found = await rig.users.find("kari+old&co@fjordheim.example")

    assert found is not None
    assert found.id == resident.object_id


@pytest.mark.parametrize("told", ["nobody@fjordheim.example", "b2c0f5a8-0000-4000-8000-000000000000", "'"])
async def test_nobody_is_nobody(rig: Rig, told: str) -> None:
    assert await rig.users.find(told) is None


async def test_one_address_of_two_accounts_is_refused(rig: Rig) -> None:
    rig.entra.tenant.account(rig.who("Gro Eikeland")).aliases.append(rig.who("Kari Bråten").upn)

    with pytest.raises(Ambiguous):
        await rig.users.find(rig.who("Kari Bråten").upn)


async def test_two_accounts_of_one_alias_are_refused(rig: Rig) -> None:
    for name in ("Gro Eikeland", "Kari Bråten"):
        rig.entra.tenant.account(rig.who(name)).aliases.append("post@fjordheim.example")

    with pytest.raises(Ambiguous):
        await rig.users.find("post@fjordheim.example")


@pytest.mark.parametrize(
    ("name", "external"),
    [("Kofi Mensah", True), ("Lucia Ferrari", True), ("Peder Moen", False), ("Kari Bråten", False)],
)
async def test_an_account_is_external_by_where_it_signs_in(rig: Rig, name: str, external: bool) -> None:
    user = await rig.users.get(rig.who(name).object_id)

    assert user.is_external_guest is external


async def test_the_user_type_alone_would_get_it_wrong(rig: Rig) -> None:
    assert (await rig.users.get(rig.who("Lucia Ferrari").object_id)).user_type == "Member"
    assert (await rig.users.get(rig.who("Peder Moen").object_id)).user_type == "Guest"


async def test_a_manager_is_found_where_there_is_one(rig: Rig) -> None:
    manager = await rig.users.manager(rig.who("Kari Bråten").object_id)

    assert manager is not None
    assert manager.id == rig.who("Leif Åsen").object_id
    assert await rig.users.manager(rig.who("Leif Åsen").object_id) is None


async def test_further_properties_by_their_path(rig: Rig) -> None:
    kari, wanted = rig.who("Kari Bråten"), "onPremisesExtensionAttributes/extensionAttribute1"

    assert await rig.users.attribute(kari.object_id, wanted) == kari.person_number
    assert await rig.users.attribute(rig.who("Lucia Ferrari").object_id, wanted) is None
    assert await rig.users.attribute(kari.object_id, "employeeId")
    assert await rig.users.attribute(kari.object_id, "mobilePhone") is None
    assert await rig.users.attribute(kari.object_id, "onPremisesExtensionAttributes/none") is None
    with pytest.raises(Unreadable):
        await rig.users.attribute(kari.object_id, "noSuchProperty")


async def test_sessions_end_once_even_when_the_first_try_is_put_off(rig: Rig) -> None:
    rig.entra.faults.answer("POST *", 503)

    await rig.users.revoke_sessions(rig.who("Kari Bråten").object_id)

    assert rig.entra.tenant.account(rig.who("Kari Bråten")).sessions_revoked == 1
