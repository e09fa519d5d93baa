"""Support's view of the rollout, over sockets: what it shows, to whom, and that looking changes nothing."""

import re
from typing import Final

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.sandbox.browser import Browser
from bot.sandbox.world import AGENTS, FJORDHEIM
from handlers.messages.seeing import ALL, REASONS
from handlers.records import Due, Outgoing, PlanEntry, Reached, WaveDay
from handlers.rollout import pauses
from handlers.rollout.unreached import Wanted, spellings
from tests.bot.web.conftest import Site
from tests.bot.web.rollout_given import CROWD, UNREACHED, under_way
from tests.handlers.rig import INGRID, JONAS, NOW, TOMASZ

NOBODYS: Final = "Kari Bråten"
"""Neither an approver nor an agent."""
_ROWS: Final = re.compile(r'<th role="rowheader" scope="row">(.*?)</th>')
_ADDRESSES: Final = re.compile(r"user\d-\d\d@fjordheim\.example")


async def _kept(site: Site) -> list[str]:
    """Every row that a look could change."""
    async with site.rig.database.reading() as session:
        return [
            repr(row)
            for kind in (PlanEntry, Due, WaveDay, Reached, Outgoing)
            for row in (await session.scalars(select(kind))).all()
        ]


@pytest.mark.parametrize("name", [JONAS, INGRID, TOMASZ])
async def test_agents_and_approvers_see_all_of_it_without_a_name(site: Site, name: str) -> None:
    await under_way(site.rig.database)
    await pauses.pause(site.rig.database, "Library", "Ingrid", NOW)
    before = await _kept(site)
    page = await (await site.signed_in(name)).get("/rollout")
    assert page.status_code == httpx.codes.OK
    for told in (
        "<strong>120 of 183</strong> accounts are ready, 65%. 33 cannot be reminded.",
        "Library (paused)",
        "Tuesday 1 December 2026",
        'd="M0 0h63v8h-63z"',
        "The directory does not know the account",
        "Too late to send",
    ):
        assert told in page.text
    assert page.text.count('role="img"') == len(re.findall("<desc", page.text)) == 3
    assert "@" not in page.text
    assert not any(someone in page.text for someone in UNREACHED)
    assert await _kept(site) == before


async def test_nobody_else_sees_anything_whatever_they_ask_for(site: Site) -> None:
    await under_way(site.rig.database)
    nobody, stranger = site.browser(), await site.signed_in(NOBODYS)
    refused = set()
    for method, path in (
        ("GET", "/rollout"),
        ("GET", "/rollout/people"),
        ("POST", "/rollout/people"),
        ("POST", "/rollout/people/later"),
    ):
        asked = {"who": "pal", "record": "2"} if method == "POST" else None
        unknown = await _send(nobody, method, path, asked)
        assert unknown.status_code == httpx.codes.UNAUTHORIZED
        assert 'action="/signin/rollout/begin"' in unknown.text
        answer = await _send(stranger, method, path, asked)
        assert answer.status_code == httpx.codes.FORBIDDEN
        refused.add(answer.text)
    [told] = refused
    assert "@" not in told
    assert "<table" not in told


async def test_who_has_left_support_sees_nothing_any_more(site: Site) -> None:
    agent = await site.signed_in(JONAS)
    assert (await agent.get("/rollout")).status_code == httpx.codes.OK
    site.rig.entra.tenant.account(site.rig.id(JONAS)).groups.remove(FJORDHEIM.group(AGENTS).object_id)
    assert (await agent.get("/rollout")).status_code == httpx.codes.FORBIDDEN


async def test_names_are_looked_through_a_page_at_a_time(site: Site) -> None:
    await under_way(site.rig.database)
    agent = await site.signed_in(JONAS)
    first = await agent.post("/rollout/people", {"who": ""})
    assert first.status_code == httpx.codes.OK
    assert _ROWS.findall(first.text)[:3] == ["Bjørn Sætre", "Leif Åsen", "Pål Grønvold"]
    assert "No chat reaches them (Teams: has removed the app)" in first.text
    assert "33 accounts, page 1 of 2." in first.text
    assert ("people/later" in first.text, "people/earlier" in first.text) == (True, False)
    second = await agent.post("/rollout/people/later", {"who": "", "reason": "all", "record": "2"})
    assert ("people/later" in second.text, "people/earlier" in second.text) == (False, True)
    seen = [_ADDRESSES.findall(page.text) for page in (first, second)]
    assert [len(some) for some in seen] == [22, 8]
    assert len({*seen[0], *seen[1]}) == (CROWD - 50) * 3
    beyond = await agent.post("/rollout/people/later", {"record": "99"})
    assert _ADDRESSES.findall(beyond.text) == seen[1]
    back = await agent.post("/rollout/people/overview")
    assert (back.status_code, back.headers["Location"]) == (httpx.codes.SEE_OTHER, "/rollout")


@pytest.mark.parametrize(
    ("who", "reason", "found"),
    [
        ("Grønvold", "", ["Pål Grønvold"]),
        ("pål GRØN", "all", ["Pål Grønvold"]),
        ("bjorn", "unreachable", []),
        ("", "disabled", ["Bjørn Sætre"]),
        ("%", "", []),
        ("_", "", []),
        ("fjordheim.example leif", "nonsense", ["Leif Åsen"]),
    ],
)
async def test_somebody_is_found_by_parts_of_an_address(
    site: Site, who: str, reason: str, found: list[str]
) -> None:
    await under_way(site.rig.database)
    page = await (await site.signed_in(JONAS)).post("/rollout/people", {"who": who, "reason": reason})
    assert _ROWS.findall(page.text) == found
    assert str(page.url).endswith("/rollout/people")


async def test_an_empty_plan_is_a_page_too(site: Site) -> None:
    agent = await site.signed_in(JONAS)
    page = await agent.get("/rollout")
    assert "Nobody is in the plan yet." in page.text
    assert ("<svg" in page.text, "<table" in page.text, "/rollout/people" in page.text) == (False,) * 3
    assert "There is nobody." in (await agent.get("/rollout/people")).text


@given(st.text(max_size=200), st.text(max_size=20), st.text(max_size=20) | st.integers().map(str))
def test_whatever_is_sent_is_a_search(who: str, reason: str, page: str) -> None:
    wanted = Wanted.of(who, reason, page)
    assert wanted.page >= 1
    assert wanted.reason in (ALL, *REASONS)
    assert len(wanted.who) <= 80
    assert all(spellings(word) for word in wanted.who.split())


async def _send(browser: Browser, method: str, path: str, form: dict[str, str] | None) -> httpx.Response:
    return await (browser.get(path) if form is None else browser.post(path, form))
