"""The desk: who may open a case for whom, and what a claim code is worth."""

import asyncio
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.world import AGENTS, FJORDHEIM
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import evidence
from handlers.verification.browsers import Claimed, browser_hash
from handlers.verification.opening import Refused
from handlers.verification.policy import CLAIM_LIFE, CLAIM_TRIES
from handlers.verification.seen import Code, normal
from tests.handlers.rig import CHECKS, EMIL, HAKON, INGRID, JONAS, MARET, MINUTE, NORA, NOW, PASSPORT, Rig

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Astrid Kvamme", "Global Administrator"),
        ("Viktor Dahl", "Helpdesk Administrator"),
        ("Rune Tveit", "may become Global Administrator in PIM"),
        ("Siri Haugland", "in a group that roles are assigned to"),
        ("Randi Moe", "in a restricted unit"),
        ("Kofi Mensah", "a guest from elsewhere"),
        ("Lucia Ferrari", "a member who signs in elsewhere"),
        ("Peder Moen", "a guest of our own"),
        ("Oddvar Nes", "disabled"),
        ("Ingrid Solbakken", "approver"),
        ("Tomasz Nowak", "approver through a group within the group"),
    ],
)
async def test_who_never_gets_a_case(rig: Rig, name: str, why: str) -> None:
    assert await rig.desk.open(rig.id(JONAS), FJORDHEIM.named(name).object_id) == Refused("class"), why
    async with rig.database.transaction() as session:
        assert await rig.cases.live(session) == []


async def test_only_an_agent_opens_cases(rig: Rig) -> None:
    for name in (EMIL, INGRID, "Astrid Kvamme"):
        assert await rig.desk.open(rig.id(name), FJORDHEIM.named(NORA).upn) == Refused("not-agent")


async def test_a_disabled_agent_is_none(rig: Rig) -> None:
    case = await rig.opened()
    rig.entra.tenant.account(rig.id(JONAS)).enabled = False
    assert await rig.desk.open(rig.id(JONAS), FJORDHEIM.named(EMIL).upn) == Refused("not-agent")
    assert await rig.desk.seen(rig.id(JONAS), case.id, "desk", CHECKS, [PASSPORT]) == Refused("not-agent")


async def test_nobody_opens_a_case_for_themselves(rig: Rig) -> None:
    assert await rig.desk.open(rig.id(JONAS), FJORDHEIM.named(JONAS).upn) == Refused("self")


@pytest.mark.parametrize(
    "account", ["nobody@fjordheim.example", "", "  ", "'", FJORDHEIM.tenant_id, "x" * 300]
)
async def test_an_account_that_is_not_there(rig: Rig, account: str) -> None:
    assert await rig.desk.open(rig.id(JONAS), account) == Refused("unknown-account")


async def test_two_accounts_are_a_refusal(rig: Rig) -> None:
    address = FJORDHEIM.named(NORA).mail
    rig.entra.tenant.account(rig.id(EMIL)).aliases.append(address)
    assert await rig.desk.open(rig.id(JONAS), address) == Refused("unknown-account")


@pytest.mark.parametrize("way", ["upn", "mail", "object_id"])
async def test_an_account_is_found_in_every_way(rig: Rig, way: str) -> None:
    case = await rig.desk.open(rig.id(JONAS), f" {getattr(FJORDHEIM.named(NORA), way)} ")
    assert isinstance(case, Case)
    assert (case.target, case.target_name, case.state) == (rig.id(NORA), NORA, CaseState.OPEN)


async def test_without_graph_nothing_is_opened(rig: Rig) -> None:
    rig.entra.faults.down = True
    assert await rig.desk.open(rig.id(JONAS), FJORDHEIM.named(NORA).upn) == Refused("directory-down")


@pytest.mark.parametrize(
    "pattern", ["GET /roleManagement/directory/roleAssignments", "GET /users/*/transitiveMemberOf"]
)
async def test_while_privileges_cannot_be_read_nothing_is_opened(rig: Rig, pattern: str) -> None:
    rig.entra.faults.answer(pattern, 500, times=None)
    assert await rig.desk.open(rig.id(JONAS), FJORDHEIM.named(NORA).upn) == Refused("directory-down")


async def test_there_is_one_live_case_per_account(each_rig: Rig) -> None:
    rig, upn = each_rig, FJORDHEIM.named(NORA).upn
    agents = [rig.id(JONAS), rig.id(HAKON), rig.id(MARET)]
    opened = await asyncio.gather(*(rig.desk.open(agents[n % 3], upn) for n in range(12)))
    ids = {case.id for case in opened if isinstance(case, Case)}
    assert len(ids) == 1
    assert {case.reason for case in opened if isinstance(case, Refused)} <= {"case-open"}
    async with rig.database.transaction() as session:
        assert len(await rig.cases.of_target(session, rig.id(NORA))) == 1


async def test_a_case_is_taken_up_while_it_waits_for_the_requester(rig: Rig) -> None:
    case = await rig.opened(agent=JONAS)
    again = await rig.opened(agent=HAKON)
    assert (again.id, again.starter) == (case.id, rig.id(JONAS))
    code = await rig.code(again, agent=HAKON)
    await rig.claimed(code)
    assert await rig.desk.open(rig.id(HAKON), FJORDHEIM.named(NORA).upn) == Refused("case-open")


async def test_every_check_has_to_be_ticked(rig: Rig) -> None:
    case = await rig.opened()
    for checks in ([], CHECKS[:2], CHECKS[1:], [*CHECKS, "mood"]):
        assert await rig.desk.seen(rig.id(JONAS), case.id, "desk", checks, [PASSPORT]) == Refused("unchecked")
    assert await rig.state(case) == CaseState.OPEN


async def test_only_an_agent_gets_a_code(rig: Rig) -> None:
    case = await rig.opened()
    assert await rig.desk.seen(rig.id(INGRID), case.id, "desk", CHECKS, [PASSPORT]) == Refused("not-agent")
    assert await rig.desk.seen(rig.id(JONAS), "K7QF-2X", "desk", CHECKS, [PASSPORT]) == Refused("too-late")
    rig.entra.faults.down = True
    assert await rig.desk.seen(rig.id(JONAS), case.id, "desk", CHECKS, [PASSPORT]) == Refused(
        "directory-down"
    )


async def test_an_agent_never_sees_themselves(rig: Rig) -> None:
    """Not even when they became an agent after the case was opened."""
    case = await rig.opened()
    agents = FJORDHEIM.group(AGENTS).object_id
    rig.entra.tenant.account(rig.id(NORA)).groups.add(agents)
    assert await rig.desk.seen(rig.id(NORA), case.id, "desk", CHECKS, [PASSPORT]) == Refused("too-late")
    assert await rig.desk.sit(rig.id(NORA), case.id) == Refused("self")
    assert await rig.desk.waiting(rig.id(NORA)) == []


async def test_a_code_can_be_read_out(rig: Rig) -> None:
    case = await rig.opened()
    code = await rig.desk.seen(rig.id(JONAS), case.id, "desk", CHECKS, [PASSPORT])
    assert isinstance(code, Code)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", code.code)
    assert code.expires_at == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    "typed",
    [
        "{0}",
        "  {0}  ",
        "{1}",
        "{2}",
        "{3}",
        "{4}",
    ],
)
async def test_a_code_may_be_typed_in_many_ways(rig: Rig, typed: str) -> None:
    code = await rig.code(await rig.opened())
    spaced = " ".join(code.replace("-", ""))
    mistaken = code.replace("0", "O").replace("1", "l")
    found = await rig.claimed(
        typed.format(code, code.lower(), code.replace("-", ""), spaced, mistaken.replace("-", " – "))
    )
    assert found.case.state == CaseState.VERIFIED


@given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8), st.data())
def test_reading_a_code_is_forgiving(code: str, data: st.DataObject) -> None:
    twins = {"0": "0oO", "1": "1iIlL"}
    typed = "".join(
        data.draw(st.sampled_from(twins.get(letter, letter + letter.lower())))
        + data.draw(st.sampled_from(["", " ", "-", "\u00a0", "."]))
        for letter in code
    )
    assert normal(typed) == code


@given(st.text())
def test_reading_anything_is_the_same_twice(typed: str) -> None:
    assert normal(normal(typed)) == normal(typed)


async def test_a_right_code_writes_evidence_and_binds_the_browser(rig: Rig) -> None:
    claimed = await rig.verified()
    case = claimed.case
    assert (case.state, case.browser_hash) == (CaseState.VERIFIED, browser_hash(claimed.browser))
    assert len(claimed.browser) >= 43
    async with rig.database.transaction() as session:
        [proof] = await evidence.of_case(session, rig.keys, case.id)
    assert (proof.route, proof.level, proof.at, proof.actor) == ("desk", 3, NOW, rig.id(JONAS))
    assert (proof.target, proof.detail) == (rig.id(NORA), "photo-id,face,name,passport")
    assert await rig.acts(case) == ["case.open", "case.verifying", "case.verified"]


async def test_a_code_lives_for_ten_minutes(rig: Rig) -> None:
    case = await rig.opened()
    code = await rig.code(case)
    rig.clock.move(CLAIM_LIFE)
    assert await rig.claiming.claim(code, address="a", browser=None) == Refused("wrong-code")
    rig.clock.move(-timedelta(seconds=1))
    assert isinstance(await rig.claiming.claim(code, address="a", browser=None), Claimed)


async def test_a_code_works_once(each_rig: Rig) -> None:
    rig = each_rig
    code = await rig.code(await rig.opened())
    answers = await asyncio.gather(
        *(rig.claiming.claim(code, address=f"a{n}", browser=None) for n in range(10))
    )
    assert sum(isinstance(answer, Claimed) for answer in answers) == 1
    assert {answer for answer in answers if isinstance(answer, Refused)} == {Refused("wrong-code")}


async def test_a_new_code_of_the_same_agent_ends_the_old_one(rig: Rig) -> None:
    case = await rig.opened()
    old, other, new = await rig.code(case), await rig.code(case, agent=HAKON), await rig.code(case)
    assert await rig.claiming.claim(old, address="a", browser=None) == Refused("wrong-code")
    bound = await rig.claimed(new)
    assert (await rig.case(case.id)).state == CaseState.VERIFIED
    assert isinstance(await rig.claiming.claim(other, address="a", browser=bound.browser), Claimed)


async def test_there_are_five_codes_for_a_case(rig: Rig) -> None:
    case = await rig.opened()
    codes = [await rig.code(case) for _ in range(CLAIM_TRIES)]
    assert await rig.desk.seen(rig.id(HAKON), case.id, "desk", CHECKS, [PASSPORT]) == Refused("too-late")
    await rig.claimed(codes[-1])


async def test_an_address_has_ten_tries(rig: Rig) -> None:
    code = await rig.code(await rig.opened())
    for _ in range(10):
        assert await rig.claiming.claim("0000-0000", address="198.51.100.1", browser=None) == Refused(
            "wrong-code"
        )
    assert await rig.claiming.claim(code, address="198.51.100.1", browser=None) == Refused("too-many")
    assert await rig.claiming.claim("", address="198.51.100.2", browser=None) == Refused("wrong-code")
    rig.clock.move(11 * MINUTE)
    assert await rig.claiming.claim(code, address="198.51.100.1", browser=None) == Refused("wrong-code")


async def test_a_refused_try_at_the_limit_leaves_the_code_alone(rig: Rig) -> None:
    code = await rig.code(await rig.opened())
    for _ in range(11):
        await rig.claiming.claim("0000-0000", address="198.51.100.1", browser=None)
    await rig.claiming.claim(code, address="198.51.100.1", browser=None)
    assert isinstance(await rig.claiming.claim(code, address="198.51.100.2", browser=None), Claimed)


async def test_every_code_that_does_not_work_gets_the_same_answer(rig: Rig) -> None:
    used = await rig.code(await rig.opened())
    await rig.claimed(used)
    expired = await rig.code(await rig.opened(EMIL))
    rig.clock.move(10 * MINUTE)
    stopped = await rig.code(gone := await rig.opened("Sigurd Ås"))
    await rig.cancelled(gone)
    approved = await rig.approved("Priya Nair")
    of_another_browser = await rig.code(approved.case)
    answers = [
        await rig.claiming.claim(code, address="a", browser="some-other-browser")
        for code in (used, expired, stopped, of_another_browser, "", "ABCD-EFGH", "x" * 5000)
    ]
    assert set(answers) == {Refused("wrong-code")}


async def test_an_approved_case_is_verified_again_only_in_its_browser(rig: Rig) -> None:
    approved = await rig.approved()
    rig.clock.move(61 * MINUTE)
    code = await rig.code(await rig.opened(agent=HAKON), agent=HAKON)
    for browser in (None, "", "stolen"):
        assert await rig.claiming.claim(code, address="a", browser=browser) == Refused("wrong-code")
    again = await rig.claimed(code, approved.browser)
    assert (again.case.state, again.browser) == (CaseState.APPROVED, approved.browser)
    assert await rig.claiming.claim(code, address="a", browser=approved.browser) == Refused("wrong-code")
    async with rig.database.transaction() as session:
        proofs = await evidence.of_case(session, rig.keys, approved.case.id)
    assert [proof.actor for proof in proofs] == [rig.id(JONAS), rig.id(HAKON)]


async def test_no_code_is_given_while_support_decides(rig: Rig) -> None:
    claimed = await rig.verified()
    assert await rig.desk.seen(rig.id(HAKON), claimed.case.id, "desk", CHECKS, [PASSPORT]) == Refused(
        "too-late"
    )


async def test_old_evidence_before_the_decision_binds_anew(rig: Rig) -> None:
    first = await rig.verified()
    rig.clock.move(61 * MINUTE)
    await rig.follow.sweep(rig.clock.now())
    assert await rig.state(first.case) == CaseState.VERIFYING
    second = await rig.claimed(await rig.code(await rig.opened()), first.browser)
    assert second.browser != first.browser
    assert await rig.issue.of_browser(first.browser) is None


@pytest.mark.parametrize("end", [CaseState.DENIED, CaseState.STOPPED])
async def test_a_denied_or_stopped_case_cools_down(rig: Rig, end: CaseState) -> None:
    case = (await rig.verified()).case
    async with rig.database.transaction() as session:
        await rig.cases.move(
            session, case.id, CaseState.VERIFIED, end, now=rig.clock.now(), actor=rig.id(INGRID)
        )
    upn = FJORDHEIM.named(NORA).upn
    for hours in (0, 23):
        rig.clock.at = NOW + hours * HOUR
        assert await rig.desk.open(rig.id(JONAS), upn) == Refused("cool-down")
    rig.clock.at = NOW + 24 * HOUR
    await rig.opened()


async def test_there_are_three_cases_in_thirty_days(rig: Rig) -> None:
    for _ in range(3):
        case = await rig.opened()
        rig.clock.move(25 * HOUR)
        await rig.follow.sweep(rig.clock.now())
        assert await rig.state(case) == CaseState.EXPIRED
    assert await rig.desk.open(rig.id(JONAS), FJORDHEIM.named(NORA).upn) == Refused("too-many-cases")
    await rig.opened(EMIL)
    rig.clock.at = NOW + timedelta(days=30)
    await rig.opened()


async def test_a_case_is_found_by_its_id(rig: Rig) -> None:
    case = await rig.opened()
    assert await rig.desk.of_id(case.id) == case
    assert await rig.desk.of_id("K7QF-2X") is None
