"""Proof by eID: what the chat opens, what a login is worth, and that every wrong one is told in the same words."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.eid.numbers import GraphNumbers
from bot.eid.service import Eids
from bot.oidc.building import client_of
from bot.sandbox.eid import EidEmulator, Fault, Level
from bot.sandbox.world import AGENTS, FJORDHEIM
from graph.secret import Secret
from handlers.departures import Departure
from handlers.messages import CaseLink, Language, NoCase
from handlers.passes import Refused as NotShown
from handlers.passes import Shown
from handlers.records import AuditRow, EidAttempt, Invitation
from handlers.states import CaseState
from handlers.store import evidence
from handlers.verification.asking import Asking
from handlers.verification.browsers import Claimed, browser_hash
from handlers.verification.eid import LINK_LIFE, LOGIN_LIFE, ByEid, Intent, Link
from handlers.verification.opening import Refused
from tests.bot.eid.rig import (
    HOME,
    NAME,
    Browser,
    Stopwatch,
    Way,
    eids_of,
    new_key,
    provider_of,
    query_of,
    registration,
)
from tests.handlers.rig import EMIL, INGRID, MINUTE, NORA, Rig

_PROPERTY = "onPremisesExtensionAttributes/extensionAttribute1"
NOT_PROVED = Refused("not-proved")


@dataclass
class Door:
    """The rig, with a provider of eID beside it."""

    rig: Rig
    idp: EidEmulator
    by_eid: ByEid
    browser: Browser
    address: str = "192.0.2.7"

    async def invite(self, name: str = NORA) -> Link:
        link = await self.by_eid.invite(self.rig.id(name), Language.NB)
        assert isinstance(link, Link), link
        return link

    async def depart(self, link: Link, code: str | None = None, provider: str = NAME) -> Departure | Refused:
        typed = link.code if code is None else code
        return await self.by_eid.depart(
            link.token, typed, provider, address=self.address, language=Language.NB
        )

    async def away(self, link: Link) -> Departure:
        departure = await self.depart(link)
        assert isinstance(departure, Departure), departure
        return departure

    async def back(
        self, departure: Departure, name: str = NORA, *, browser: str | None = None, **choices: str
    ) -> Claimed | Refused:
        """Log in as somebody, and come back."""
        person = FJORDHEIM.named(name).object_id
        address = await self.browser.log_in(departure.address, person=person, **choices)
        return await self.by_eid.come_back(NAME, departure.cookie, browser, query_of(address))

    async def proved(self, name: str = NORA) -> Claimed:
        claimed = await self.back(await self.away(await self.invite(name)), name)
        assert isinstance(claimed, Claimed), claimed
        return claimed

    async def evidence(self, case: str) -> list[tuple[str, int, str]]:
        async with self.rig.database.transaction() as session:
            rows = await evidence.of_case(session, self.rig.keys, case)
        return [(row.route, row.level, row.detail) for row in rows]


@asynccontextmanager
async def _door(rig: Rig) -> AsyncIterator[Door]:
    ours = new_key("tofaktor-2027")
    async with (
        EidEmulator(FJORDHEIM, rig.clock) as idp,
        client_of(None) as outside,
        httpx.AsyncClient(trust_env=False) as browsing,
    ):
        idp.register(registration(Way(), ours))
        eids = eids_of(provider_of(idp.issuer, Way(), ours), outside, Stopwatch())
        numbers = GraphNumbers(rig.directory.users, _PROPERTY)
        eids = Eids({NAME: replace(eids.offered[NAME], numbers=numbers)}, HOME)
        by_eid = ByEid(rig.database, rig.accounts, rig.cases, rig.proving, rig.keys, rig.clock, eids)
        yield Door(rig, idp, by_eid, Browser(browsing))


@pytest.fixture
async def door(rig: Rig) -> AsyncIterator[Door]:
    async with _door(rig) as opened:
        yield opened


@pytest.fixture
async def each_door(each_rig: Rig) -> AsyncIterator[Door]:
    async with _door(each_rig) as opened:
        yield opened


async def test_the_way_from_chat_to_a_pass(door: Door) -> None:
    rig = door.rig
    link = await door.invite()
    looked = await door.by_eid.look(link.token)
    assert isinstance(looked, Intent)
    assert (looked.case.target, [route.name for route in looked.routes]) == (rig.id(NORA), [NAME])
    claimed = await door.back(await door.away(link))
    assert isinstance(claimed, Claimed)
    case = claimed.case
    assert (case.state, case.browser_hash) == (CaseState.VERIFIED, browser_hash(claimed.browser))
    assert await door.evidence(case.id) == [("eid", 4, "ID-porten")]
    await rig.delivered()
    card = rig.card()
    (proof,) = card.proofs
    assert (proof.way, proof.detail, proof.level, card.enough) == ("eid", "ID-porten", 4, True)
    await rig.approvals.approve(rig.press(INGRID, "approvals.approve", case.id))
    assert isinstance(await rig.issue.show(claimed.browser), Shown)
    assert len(rig.creates) == 1


async def test_the_second_level_is_worth_three(door: Door) -> None:
    claimed = await door.back(await door.away(await door.invite()), level=str(Level.SUBSTANTIAL))
    assert isinstance(claimed, Claimed)
    assert await door.evidence(claimed.case.id) == [("eid", 3, "ID-porten")]


@pytest.mark.parametrize("name", [EMIL, "Siobhán O'Brien"])
async def test_somebody_else_with_an_eid_of_their_own_proves_nothing(door: Door, name: str) -> None:
    link = await door.invite()
    assert await door.back(await door.away(link), name) == NOT_PROVED
    assert await door.evidence(link.case.id) == []
    assert await door.rig.state(link.case) == CaseState.VERIFYING
    assert "eid.refused" in await door.rig.acts(link.case)


async def test_an_account_without_a_number_on_file_proves_nothing(door: Door) -> None:
    assert await door.back(await door.away(await door.invite("Chloé Dubois"))) == NOT_PROVED


_HARMLESS = (Fault.AMR_STRING, Fault.X5C_HEADER, Fault.SKEW_3S)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.STALE_AUTH,
        Fault.WRONG_ACR,
        Fault.OTHER_PID,
        Fault.BAD_SIGNATURE,
        Fault.WRONG_ISS_PARAM,
        *_HARMLESS,
    ],
)
async def test_a_fault_at_the_provider_is_told_like_any_other(door: Door, fault: Fault) -> None:
    departure = await door.away(await door.invite())
    door.idp.faults.add(fault)
    outcome = await door.back(departure)
    if fault in _HARMLESS:
        assert isinstance(outcome, Claimed)
    else:
        assert outcome == NOT_PROVED


async def test_a_provider_that_is_down_says_nothing_about_the_person(door: Door) -> None:
    link = await door.invite()
    departure = await door.away(link)
    door.idp.faults.add(Fault.TOKEN_DOWN)
    assert await door.back(departure) == Refused("eid-down")
    assert "eid.refused" not in await door.rig.acts(link.case)


async def test_while_graph_is_silent_nothing_is_proved(door: Door) -> None:
    departure = await door.away(await door.invite())
    door.rig.entra.faults.down = True
    assert await door.back(departure) == Refused("directory-down")
    assert await door.by_eid.invite(door.rig.id(NORA), Language.NB) == Refused("directory-down")


async def test_a_callback_works_once(door: Door) -> None:
    departure = await door.away(await door.invite())
    query = query_of(await door.browser.log_in(departure.address, person=door.rig.id(NORA)))
    first = await door.by_eid.come_back(NAME, departure.cookie, None, query)
    assert isinstance(first, Claimed)
    assert await door.by_eid.come_back(NAME, departure.cookie, None, query) == Refused("other-browser")
    assert len(door.idp.journal.to("/token")) == 1


@pytest.mark.parametrize("cookie", [None, "", "another"])
async def test_a_callback_in_another_browser_is_refused(door: Door, cookie: str | None) -> None:
    link = await door.invite()
    departure = await door.away(link)
    query = query_of(await door.browser.log_in(departure.address, person=door.rig.id(NORA)))
    assert await door.by_eid.come_back(NAME, cookie, None, query) == Refused("other-browser")
    assert await door.evidence(link.case.id) == []
    assert door.idp.journal.to("/token") == []


async def test_a_callback_on_another_providers_address_uses_the_login_up(door: Door) -> None:
    departure = await door.away(await door.invite())
    query = query_of(await door.browser.log_in(departure.address, person=door.rig.id(NORA)))
    for provider in ("bankid", NAME):
        outcome = await door.by_eid.come_back(provider, departure.cookie, None, query)
        assert outcome == Refused("other-browser")


async def test_a_login_that_takes_too_long_is_over(door: Door) -> None:
    departure = await door.away(await door.invite())
    address = await door.browser.log_in(departure.address, person=door.rig.id(NORA))
    door.rig.clock.move(LOGIN_LIFE)
    outcome = await door.by_eid.come_back(NAME, departure.cookie, None, query_of(address))
    assert outcome == Refused("other-browser")


async def test_looking_at_a_link_changes_nothing(door: Door) -> None:
    link = await door.invite()
    for _ in range(5):
        assert await door.by_eid.look(link.token) is not None
    assert await door.rig.state(link.case) == CaseState.OPEN
    assert isinstance(await door.depart(link), Departure)


async def test_a_link_works_once_and_for_a_quarter_of_an_hour(door: Door) -> None:
    link = await door.invite()
    await door.away(link)
    assert await door.depart(link) == Refused("link-over")
    assert await door.by_eid.look(link.token) is None
    late = await door.invite()
    door.rig.clock.move(LINK_LIFE)
    assert await door.depart(late) == Refused("link-over")


async def test_a_new_link_ends_the_old_one(door: Door) -> None:
    old, new = await door.invite(), await door.invite()
    assert old.case.id == new.case.id
    assert await door.depart(old) == Refused("link-over")
    assert isinstance(await door.depart(new), Departure)


async def test_a_code_counts_for_its_own_link_alone(door: Door) -> None:
    nora, emil = await door.invite(NORA), await door.invite(EMIL)
    assert await door.depart(nora, emil.code) == Refused("wrong-code") or nora.code == emil.code


async def test_after_five_codes_even_the_right_one_is_too_late(door: Door) -> None:
    link = await door.invite()
    wrong = f"{(int(link.code) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert await door.depart(link, wrong) == Refused("wrong-code")
    assert await door.depart(link) == Refused("link-over")
    again = await door.invite()
    assert await door.depart(again) == Refused("link-over")
    assert door.idp.journal.calls == []


async def test_guessing_links_is_slowed_down_by_address(door: Door) -> None:
    link = await door.invite()
    outcomes = [await door.depart(replace(link, token=f"guess-{n}")) for n in range(25)]
    assert outcomes[0] == Refused("link-over")
    assert outcomes[-1] == Refused("too-many")


async def test_the_proof_is_as_old_as_the_answer_not_as_the_question(door: Door) -> None:
    """Whatever takes long at the provider or at Microsoft: what counts is when it was known."""

    @dataclass(frozen=True)
    class Slow(Eids):
        async def matches(self, provider: str, account: str, number: Secret) -> bool:
            door.rig.clock.move(20 * MINUTE)
            return await super().matches(provider, account, number)

    eids = door.by_eid.eid
    assert isinstance(eids, Eids)
    door.by_eid = replace(door.by_eid, eid=Slow(eids.offered, eids.public_url))
    began = door.rig.clock.now()
    claimed = await door.proved()
    async with door.rig.database.transaction() as session:
        (row,) = await evidence.of_case(session, door.rig.keys, claimed.case.id)
    assert row.at == began + 20 * MINUTE


async def test_a_case_has_three_logins(door: Door) -> None:
    for _ in range(3):
        assert await door.back(await door.away(await door.invite()), EMIL) == NOT_PROVED
    assert await door.depart(await door.invite()) == Refused("too-many-logins")


async def test_an_old_proof_is_given_again_in_the_same_browser_alone(door: Door) -> None:
    rig, claimed = door.rig, await door.proved()
    await rig.approvals.approve(rig.press(INGRID, "approvals.approve", claimed.case.id))
    rig.clock.move(61 * MINUTE)
    assert await rig.issue.show(claimed.browser) == NotShown("evidence-old")
    assert await door.by_eid.again("another", NAME, Language.NB) == Refused("link-over")
    departure = await door.by_eid.again(claimed.browser, NAME, Language.NB)
    assert isinstance(departure, Departure)
    again = await door.back(departure, browser=claimed.browser)
    assert isinstance(again, Claimed)
    assert again.browser == claimed.browser
    assert isinstance(await rig.issue.show(claimed.browser), Shown)


async def test_a_second_browser_does_not_take_a_verified_case_over(door: Door) -> None:
    """Whoever sends the owner a link of the same case gets no browser of theirs bound."""
    link = await door.invite()
    claimed = await door.back(await door.away(link))
    assert isinstance(claimed, Claimed)
    assert await door.by_eid.invite(door.rig.id(NORA), Language.NB) == Refused("case-open")
    stolen = await door.by_eid.again(claimed.browser, NAME, Language.NB)
    assert isinstance(stolen, Departure)
    assert await door.back(stolen, browser="another") == Refused("other-browser")
    assert (await door.rig.case(claimed.case.id)).browser_hash == browser_hash(claimed.browser)


@pytest.mark.parametrize("name", ["Astrid Kvamme", "Rune Tveit", "Kofi Mensah", "Oddvar Nes", INGRID])
async def test_who_never_gets_a_pass_gets_no_link(door: Door, name: str) -> None:
    assert await door.by_eid.invite(door.rig.id(name), Language.NB) == Refused("class")


async def test_a_role_given_during_the_login_ends_it(door: Door) -> None:
    departure = await door.away(await door.invite())
    door.rig.entra.tenant.roles[door.rig.id(NORA)].add("62e90394-69f5-4237-9190-012177145e10")
    assert await door.back(departure) == NOT_PROVED


async def test_a_provider_for_others_is_not_offered(door: Door) -> None:
    offered = door.by_eid.eid.offered[NAME]  # type: ignore[attr-defined]
    group = FJORDHEIM.group(AGENTS).object_id
    eids = Eids({NAME: replace(offered, route=replace(offered.route, groups=frozenset({group})))}, HOME)
    closed = replace(door.by_eid, eid=eids)
    assert await closed.invite(door.rig.id(NORA), Language.NB) == Refused("no-route")


async def test_the_limits_on_cases_hold_here_too(door: Door) -> None:
    for _ in range(3):
        link = await door.invite()
        await door.rig.cancelled(link.case)
        door.rig.clock.move(timedelta(hours=25))
    assert await door.by_eid.invite(door.rig.id(NORA), Language.NB) == Refused("too-many-cases")


async def test_one_login_of_many_at_once_gives_one_browser(each_door: Door) -> None:
    door = each_door
    departure = await door.away(await door.invite())
    query = query_of(await door.browser.log_in(departure.address, person=door.rig.id(NORA)))
    outcomes = await asyncio.gather(
        *(door.by_eid.come_back(NAME, departure.cookie, None, query) for _ in range(8))
    )
    assert sum(isinstance(outcome, Claimed) for outcome in outcomes) == 1
    assert len(door.idp.journal.to("/token")) == 1


async def test_neither_link_code_cookie_nor_number_is_kept(door: Door) -> None:
    link = await door.invite()
    departure = await door.away(link)
    assert isinstance(await door.back(departure), Claimed)
    async with door.rig.database.transaction() as session:
        attempt = (await session.scalars(select(EidAttempt))).one()
        kept = [
            *(str(row.model_dump()) for row in await session.scalars(select(Invitation))),
            str(attempt.model_dump()),
            *(await session.scalars(select(col(AuditRow.data)))),
        ]
    assert (attempt.state, attempt.nonce, attempt.verifier) == ("", "", "")
    number = FJORDHEIM.named(NORA).person_number
    assert number is not None
    for secret in (link.token, link.code, departure.cookie, number):
        assert not any(re.search(rf"(?<!\d){re.escape(secret)}(?!\d)", text) for text in kept)
    assert link.token not in repr(link)
    assert departure.cookie not in repr(departure)


async def test_a_press_in_chat_is_answered_in_private_with_link_and_code(door: Door) -> None:
    rig = door.rig
    asking = Asking(rig.people, rig.chats, door.by_eid, HOME)
    await asking.start(rig.press(NORA, "cases.start", "lost-phone"))
    (told,) = (data for data in rig.chat.seen_by(rig.person(NORA)) if isinstance(data, CaseLink))
    token = told.url.removeprefix(f"{HOME}/case/start/")
    assert isinstance(
        await door.by_eid.depart(token, told.code, NAME, address="192.0.2.8", language=Language.NN), Departure
    )
    await asking.start(rig.press("Astrid Kvamme", "cases.start", ""))
    assert [
        data.reason for data in rig.chat.seen_by(rig.person("Astrid Kvamme")) if isinstance(data, NoCase)
    ] == ["class"]
