"""How an account stands, read from the emulated Graph and our records: each fact, and what nobody could tell."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.gateways.contacts import FiledContacts
from bot.sandbox.world import FJORDHEIM, SECURITY
from graph.errors import Unavailable
from graph.methods import Kind
from handlers.records import Invitation
from handlers.states import CaseState
from handlers.store import eid, people
from handlers.verification.policy import AccountClass, Standing
from handlers.verification.standing import Standings
from tests.handlers.rig import EMIL, INGRID, JONAS, MINUTE, NORA, NOW, Rig

A, B, C, D = AccountClass.A, AccountClass.B, AccountClass.C, AccountClass.D
DAY = timedelta(days=1)
UNNI = "Unni Bergersen"
"""In a group that needs more proof."""


async def _stands(rig: Rig, name: str = NORA) -> Standing:
    return (await rig.standings.of(rig.id(name))).standing


@pytest.mark.parametrize(
    ("name", "account_class", "reason"),
    [
        (NORA, A, "ordinary"),
        (UNNI, B, "sensitive"),
        (JONAS, C, "support"),
        (INGRID, C, "support"),
        ("Rune Tveit", C, "privileged"),
        ("Siri Haugland", C, "privileged"),
        ("Randi Moe", C, "privileged"),
    ],
)
async def test_the_class_of_each_kind_of_account(
    rig: Rig, name: str, account_class: AccountClass, reason: str
) -> None:
    classified = (await _stands(rig, name)).classified
    assert (classified.account_class, classified.reason) == (account_class, reason)


async def test_a_group_that_never_gets_a_pass(rig: Rig) -> None:
    rig.entra.tenant.account(rig.id(NORA)).groups.add(FJORDHEIM.group(SECURITY).object_id)
    classified = (await _stands(rig)).classified
    assert (classified.account_class, classified.reason) == (C, "reserved")


async def test_an_account_that_is_off_or_gone(rig: Rig) -> None:
    rig.entra.tenant.account(rig.id(NORA)).enabled = False
    assert (await _stands(rig)).classified.reason == "disabled"
    del rig.entra.tenant.accounts[rig.id(NORA)]
    gone = (await _stands(rig)).classified
    assert (gone.account_class, gone.reason) == (D, "missing")


@pytest.mark.parametrize(
    "pattern",
    [
        "GET /users/*/transitiveMemberOf",
        "GET /users/*/ownedObjects",
        "GET /roleManagement/directory/roleAssignments*",
        "GET /roleManagement/directory/roleEligibility*",
        "POST /users/*/checkMemberGroups",
    ],
)
async def test_a_class_that_cannot_be_read_is_the_strictest(rig: Rig, pattern: str) -> None:
    rig.entra.faults.answer(pattern, 500, times=None)
    classified = (await _stands(rig)).classified
    assert (classified.account_class, classified.is_unknown) == (C, True)


async def test_an_account_that_cannot_be_read_stands_nowhere(rig: Rig) -> None:
    rig.entra.faults.answer(f"GET /users/{rig.id(NORA)}", 500, times=None)
    with pytest.raises(Unavailable):
        await _stands(rig)


async def test_every_group_is_asked_for_at_once(rig: Rig) -> None:
    await _stands(rig)
    assert len(rig.entra.sent("POST", "/checkMemberGroups")) == 1
    assert len(rig.entra.sent("GET", f"/users/{rig.id(NORA)}")) == 1


async def test_a_new_password(rig: Rig) -> None:
    account = rig.entra.tenant.account(rig.id(NORA))
    account.password_changed = NOW - 2 * DAY
    assert (await _stands(rig)).raised == ("password",)
    account.password_changed = None
    assert await _stands(rig) == Standing((await _stands(rig)).classified, unknown=("password",))


async def test_a_new_method(rig: Rig) -> None:
    account = rig.entra.tenant.account(rig.id(EMIL))
    assert (await _stands(rig, EMIL)).raised == ()
    for method in account.methods:
        method.created = None
    assert (await _stands(rig, EMIL)).unknown == ("methods",)
    rig.entra.tenant.register(account, Kind.PHONE)
    assert (await _stands(rig, EMIL)).raised == ("methods",)
    rig.entra.faults.answer("GET /users/*/authentication/methods", 500, times=None)
    assert (await _stands(rig, EMIL)).unknown == ("methods",)


async def _in_chat(rig: Rig, *, first_seen: timedelta | None, email: str | None = None) -> None:
    """Nora's case was begun in chat; she was first seen there this long ago."""
    case = await rig.opened()
    async with rig.database.transaction() as session:
        if first_seen is not None:
            mail = email or FJORDHEIM.named(NORA).mail
            await people.pin(session, rig.person(NORA), rig.id(NORA), mail, NOW - first_seen)
        await eid.invite(
            session, Invitation(token_hash="t", case=case.id, code_mac="m", asked_at=NOW, until=NOW + MINUTE)
        )


@pytest.mark.parametrize(
    ("first_seen", "raised", "unknown"),
    [
        (29 * DAY, ("young-link",), ()),
        (31 * DAY, (), ()),
        (None, (), ("young-link", "chat-email")),
    ],
)
async def test_how_long_the_chat_account_is_known(
    rig: Rig, first_seen: timedelta | None, raised: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    await _in_chat(rig, first_seen=first_seen)
    stands = await _stands(rig)
    assert (stands.raised, stands.unknown) == (raised, unknown)


async def test_a_private_address_that_was_changed_lately(rig: Rig, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"{rig.id(NORA)},phone,+4791234567,{NOW - 29 * DAY:%Y-%m-%d}\n")
    rig.standings = replace(rig.standings, contacts=FiledContacts(file))
    assert (await _stands(rig)).raised == ("contact",)
    assert (await _stands(rig, EMIL)).raised == ()
    file.write_text(f"{rig.id(NORA)},phone,+4791234567,{NOW - 31 * DAY:%Y-%m-%d}\n")
    assert (await _stands(rig)).raised == ()
    file.unlink()
    assert (await _stands(rig)).unknown == ("contact",)


async def test_an_address_in_chat_that_is_not_the_accounts(rig: Rig) -> None:
    await _in_chat(rig, first_seen=90 * DAY, email="n.lindqvist@fjordheim.example")
    assert (await _stands(rig)).raised == ("chat-email",)
    rig.entra.tenant.account(rig.id(NORA)).aliases.append("N.Lindqvist@fjordheim.example")
    assert (await _stands(rig)).raised == ()
    async with rig.database.transaction() as session:
        await people.flag(session, rig.person(NORA), "email-changed")
    assert (await _stands(rig)).raised == ("chat-email",)


async def test_the_chat_account_is_of_no_account_when_the_case_began_elsewhere(rig: Rig) -> None:
    async with rig.database.transaction() as session:
        await people.pin(session, rig.person(NORA), rig.id(NORA), "other@fjordheim.example", NOW)
    await rig.opened()
    assert (await _stands(rig)).raised == ()


async def test_several_cases_lately(rig: Rig) -> None:
    for _ in range(2):
        assert (await _stands(rig)).raised == ()
        case = await rig.opened()
        async with rig.database.transaction() as session:
            await rig.cases.move(
                session, case.id, CaseState.OPEN, CaseState.CANCELLED, now=NOW, actor=case.target
            )
    assert (await _stands(rig)).raised == ("often",)
    rig.clock.move(31 * DAY)
    assert (await _stands(rig)).raised == ()


async def test_as_many_passes_as_are_usual_in_a_day(rig: Rig) -> None:
    claimed = await rig.approved(EMIL)
    await rig.issue.show(claimed.browser)
    members = sum(1 for each in FJORDHEIM.residents if not each.external)

    def capped(daily_cap: int, share: float = 0.0) -> Standings:
        rules = replace(rig.standings.rules, daily_cap=daily_cap, member_share=share)
        return replace(rig.standings, rules=rules)

    async def raised(standings: Standings) -> tuple[tuple[str, ...], tuple[str, ...]]:
        stands = (await standings.of(rig.id(NORA))).standing
        return stands.raised, stands.unknown

    assert await raised(capped(2)) == ((), ())
    assert not any("userType%20eq" in asked.query for asked in rig.entra.sent("GET", "/users"))
    assert await raised(capped(1)) == (("daily-cap",), ())
    assert await raised(capped(1, share=3 / members)) == ((), ())
    rig.entra.faults.answer("GET /users", 500, times=None)
    assert await raised(capped(1)) == ((), ("daily-cap",))
    rig.entra.faults.clear()
    # Before midnight in Oslo, and after.
    rig.clock.move(timedelta(hours=13))
    assert (await raised(capped(1)))[0] == ("daily-cap",)
    rig.clock.move(timedelta(hours=1))
    assert (await raised(capped(1)))[0] == ()


async def test_a_role_given_between_two_looks_is_seen(rig: Rig) -> None:
    assert (await _stands(rig)).classified.may_have_pass
    rig.entra.tenant.eligible.setdefault(rig.id(NORA), set()).add("fe930be7-5e62-47db-91af-98c3a49a38b1")
    assert (await _stands(rig)).classified.reason == "privileged"
