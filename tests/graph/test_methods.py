"""What somebody has registered, and taking it away."""

import pytest

from bot.sandbox.world import FJORDHEIM
from graph.errors import BadRequest, Forbidden, NotFound
from graph.methods import Kind, Method
from tests.graph.rig import Rig


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("Aisha Rahman", {Kind.PASSWORD, Kind.AUTHENTICATOR, Kind.FIDO2}),
        ("Bjørn Sætre", {Kind.PASSWORD, Kind.PHONE}),
        ("Torunn Bø", {Kind.PASSWORD, Kind.EMAIL}),
        ("Viktor Dahl", {Kind.PASSWORD, Kind.WINDOWS_HELLO}),
        ("Kari Bråten", {Kind.PASSWORD}),
    ],
)
async def test_the_methods_of_somebody(rig: Rig, name: str, kinds: set[Kind]) -> None:
    assert {method.kind for method in await rig.methods.list(rig.who(name).object_id)} == kinds


def test_strong_is_all_but_password_mail_and_pass() -> None:
    assert {kind for kind in Kind if not kind.is_strong} == {Kind.PASSWORD, Kind.EMAIL, Kind.PASS}


def test_the_names_in_the_world_are_kinds() -> None:
    assert {Kind(name) for resident in FJORDHEIM.residents for name in resident.methods}


async def test_a_kind_that_we_do_not_know_is_unknown_and_counts(rig: Rig) -> None:
    rig.entra.devices.register(rig.who("Kari Bråten"), Kind.UNKNOWN)

    methods = await rig.methods.list(rig.who("Kari Bråten").object_id)

    assert [m.kind for m in methods if m.is_strong] == [Kind.UNKNOWN]


async def test_a_new_phone_is_seen_with_its_name_and_time(rig: Rig) -> None:
    before = rig.clock.now()
    rig.entra.devices.register_authenticator(rig.who("Kari Bråten"), "Karis nye telefon")

    (method,) = [m for m in await rig.methods.list(rig.who("Kari Bråten").object_id) if m.is_strong]

    assert method.display_name == "Karis nye telefon"
    assert method.created is not None
    assert method.created >= before


async def test_no_phone_number_is_kept(rig: Rig) -> None:
    methods = await rig.methods.list(rig.who("Bjørn Sætre").object_id)

    assert "99999999" not in repr(methods)
    assert [m.phone_type for m in methods if m.kind is Kind.PHONE] == ["mobile"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Leif Åsen", Kind.AUTHENTICATOR),
        ("Wei Zhang", Kind.SOFTWARE_OATH),
        ("Bjørn Sætre", Kind.PHONE),
    ],
)
async def test_an_old_method_is_taken_away(rig: Rig, name: str, kind: Kind) -> None:
    user = rig.who(name).object_id
    (old,) = [m for m in await rig.methods.list(user) if m.kind is kind]
    assert old.is_removable

    await rig.methods.delete(user, old)

    assert kind not in {m.kind for m in await rig.methods.list(user)}
    with pytest.raises(NotFound):
        await rig.methods.delete(user, old)


async def test_the_default_phone_goes_last(rig: Rig) -> None:
    bjorn = rig.who("Bjørn Sætre")
    rig.entra.devices.register_authenticator(bjorn, "ny telefon")
    (phone,) = [m for m in await rig.methods.list(bjorn.object_id) if m.kind is Kind.PHONE]

    with pytest.raises(BadRequest):
        await rig.methods.delete(bjorn.object_id, phone)

    rig.entra.tenant.account(bjorn).default_method = Kind.AUTHENTICATOR
    await rig.methods.delete(bjorn.object_id, phone)


@pytest.mark.parametrize("kind", [Kind.PASSWORD, Kind.FIDO2, Kind.PASS, Kind.UNKNOWN])
async def test_what_cannot_be_taken_away_never_reaches_graph(rig: Rig, kind: Kind) -> None:
    with pytest.raises(ValueError, match="cannot be removed"):
        await rig.methods.delete(rig.who("Kari Bråten").object_id, Method("x", kind))

    assert rig.entra.requests == []


@pytest.mark.parametrize(
    ("kind", "permission"),
    [
        (Kind.AUTHENTICATOR, "UserAuthMethod-MicrosoftAuthApp.ReadWrite.All"),
        (Kind.SOFTWARE_OATH, "UserAuthMethod-SoftwareOATH.ReadWrite.All"),
        (Kind.PHONE, "UserAuthMethod-Phone.ReadWrite.All"),
    ],
)
async def test_each_kind_has_its_permission(rig: Rig, kind: Kind, permission: str) -> None:
    rig.entra.faults.missing.add(permission)

    with pytest.raises(Forbidden) as caught:
        await rig.methods.delete(rig.who("Kari Bråten").object_id, Method("x", kind))

    assert caught.value.permission == permission
