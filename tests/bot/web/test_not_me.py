"""The link that says "it wasn't me": looking at it changes nothing, and what does not work tells nothing."""

import re

from bot.web.not_me import MISSES
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import not_me
from tests.bot.web.conftest import Site
from tests.handlers.rig import NORA


async def _link(site: Site, case: Case) -> str:
    async with site.rig.database.transaction() as session:
        return f"/not-me/{await not_me.new_link(session, case.id, site.rig.clock.now())}"


async def test_previews_and_scanners_do_nothing_and_a_press_does_it_once(site: Site) -> None:
    approved = await site.rig.approved()
    link = await _link(site, approved.case)
    for method in ("GET", "HEAD", "GET", "OPTIONS", "PROPFIND"):
        await site.client.request(method, link)
    assert await site.rig.state(approved.case) == CaseState.APPROVED
    page = await site.client.get(link)
    assert page.status_code == 200
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert approved.case.id in page.text
    [action] = re.findall(r'action="([^"]+)"', page.text)
    for _ in range(2):
        done = await site.client.post(action, headers={"Origin": site.url})
        assert done.status_code == 200
    assert await site.rig.state(approved.case) == CaseState.STOPPED
    assert (await site.rig.acts(approved.case)).count("case.not-me") == 1


async def test_a_press_from_elsewhere_does_nothing(site: Site) -> None:
    approved = await site.rig.approved()
    link = await _link(site, approved.case)
    for headers in ({}, {"Origin": "https://evil.example"}):
        assert (await site.client.post(link, headers=headers)).status_code == 403
    assert await site.rig.state(approved.case) == CaseState.APPROVED


async def test_links_that_do_not_work_are_all_alike_and_limited(site: Site) -> None:
    verified = await site.rig.verified()
    link = await _link(site, verified.case)
    told = set()
    for token in ("x", "0" * 43, link.rpartition("/")[2][:-1], "%00", "é"):
        for method in ("GET", "POST"):
            got = await site.client.request(method, f"/not-me/{token}", headers={"Origin": site.url})
            told.add((got.status_code, got.text))
    [(status, text)] = told
    assert status == 404
    assert NORA not in text
    for _ in range(MISSES):
        await site.client.get(f"/not-me/{'0' * 43}")
    assert (await site.client.get(f"/not-me/{'0' * 43}")).status_code == 429
    assert (await site.client.get(link)).status_code == 200
