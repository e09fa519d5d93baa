"""Codes over a socket: what they prove, what they do not, and that nobody can tell who has an address on file."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from bot.render.html import Pages
from bot.render.words import Words
from bot.web.codes import WAY_COOKIE
from bot.web.guard import COOKIE
from graph.secret import Secret
from handlers.messages import Language
from handlers.passes import Shown
from handlers.records import AuditRow, Case, Door, RecoveryCode, SentCode
from handlers.states import CaseState
from handlers.store import eid, evidence, people
from handlers.store.keys import hashed
from handlers.verification import policy
from handlers.verification.codes.feature import SENDS_PER_CASE, TRIES_PER_CASE
from handlers.verification.eid.links import Link
from handlers.verification.seen import Code
from tests.bot.web.codes_site import CHANGED, MAIL, PHONE, CodesSite, Person, codes_site
from tests.handlers.rig import EMIL, INGRID, JONAS, MINUTE, NORA, TOMASZ, Rig
from tests.handlers.store.given import dump

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
async def site(
    sqlite_url: str, tmp_path: Path, words: Words, pages: Pages, templates: Path
) -> AsyncIterator[CodesSite]:
    async with codes_site(sqlite_url, tmp_path, words, pages, templates) as opened:
        yield opened


async def proofs(rig: Rig, case: Case) -> list[tuple[str, int, str, str | None]]:
    async with rig.database.transaction() as session:
        rows = await evidence.of_case(session, rig.keys, case.id)
    return [(row.route, row.level, row.detail, row.actor) for row in rows]


def said(answer: httpx.Response) -> tuple[int, str, str]:
    """All that a browser learns, save the names of the case and the account."""
    text = re.sub(r"<dd>[^<]*</dd>", "", answer.text)
    return answer.status_code, answer.headers.get("location", ""), text


def other_than(code: str) -> str:
    """A code that is wrong."""
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_a_code_by_text_message(site: CodesSite) -> None:
    case = await site.opened()
    nora = await site.on_the_way(case)
    page = await nora.get("/case/code")
    assert (page.status_code, "Send a text message" in page.text) == (200, True)
    answer = await nora.asks()
    assert (answer.status_code, answer.headers["location"]) == (303, "/case/code?sent=sms")
    assert "If we have had a phone number for you" in (await nora.get("/case/code?sent=sms")).text
    [sent] = site.gateway.texts
    assert sent.to == PHONE
    assert case.id in sent.text
    assert "http" not in sent.text
    taken = await nora.types(f" {site.code()[:3]} {site.code()[3:]} ")
    assert (taken.status_code, taken.headers["location"]) == (303, "/case")
    assert WAY_COOKIE not in nora.cookies
    assert await proofs(site.rig, case) == [("sms", 1, f"··42, {CHANGED}", None)]
    assert await site.rig.state(case) == CaseState.VERIFYING
    bound = await site.rig.issue.of_browser(nora.cookies[COOKIE])
    assert bound is not None
    assert bound.id == case.id
    assert site.rig.creates == []
    assert (await nora.get("/case")).status_code == 200


async def test_a_code_by_mail(site: CodesSite) -> None:
    case = await site.opened()
    nora = await site.on_the_way(case)
    await nora.asks("mail")
    [mail] = site.rig.entra.post.sent
    assert mail.to == MAIL
    assert case.id in mail.subject
    assert site.mailed() not in mail.subject
    links = set(re.findall(r"https?://[^\s)]+", mail.text))
    assert {link.partition("/help")[0] for link in links} == {"http://127.0.0.1:8080"}
    site.rig.clock.move(23 * HOUR)
    assert (await nora.types(site.mailed())).status_code == 303
    assert await proofs(site.rig, case) == [("mail", 1, f"n··@p··.example, {CHANGED}", None)]


OLD = timedelta(days=214)


@pytest.mark.parametrize("route", ["sms", "mail"])
async def test_what_is_on_file_cannot_be_told_from_outside(site: CodesSite, route: str) -> None:
    """The same words and the same status, and a code only to what has stood there for long enough."""
    kind, value = ("phone", PHONE) if route == "sms" else ("mail", MAIL)
    worthless = "nora@fjordheim.example" if route == "mail" else "12345678"
    held = ((value, OLD), *((value, age * DAY) for age in (-1, 0, 5, 29)), (value, None), (worthless, OLD))
    answers = []
    for told, age in (*held, (None, None)):
        case = await site.opened()
        today = site.rig.clock.now().date()
        changed = None if age is None else (today - age).isoformat()
        site.has(kind, told, changed)
        nora = await site.on_the_way(case)
        answers.append(
            (
                said(await nora.asks(route)),
                said(await nora.get(f"/case/code?sent={route}")),
                said(await nora.types("000001")),
            )
        )
        await site.rig.cancelled(case)
        site.rig.clock.move(31 * DAY)
    assert len({str(answer) for answer in answers}) == 1
    assert len(site.gateway.texts) + len(site.rig.entra.post.sent) == 1


async def test_an_address_counts_from_its_thirtieth_day(site: CodesSite) -> None:
    site.has("phone", PHONE, "2026-10-25")
    nora = await site.on_the_way(await site.opened())
    await nora.asks()
    assert len(site.gateway.texts) == 1


async def test_the_reply_waits_for_no_gateway(site: CodesSite) -> None:
    """Whatever the look-up and the sending take, they come after the reply."""
    nora = await site.on_the_way(await site.opened())
    site.rig.entra.faults.hold("GET /users/*")
    site.rig.clock.move(MINUTE)
    answer = await nora.post("/case/code/send", record="sms")
    assert answer.status_code == 303
    assert site.gateway.texts == []
    site.rig.entra.faults.clear()
    assert await site.aside.idle()
    assert len(site.gateway.texts) == 1


async def test_five_tries_whatever_is_sent_anew(site: CodesSite) -> None:
    case = await site.opened()
    nora = await site.on_the_way(case)
    wrong = []
    for _ in range(SENDS_PER_CASE - 1):
        await nora.asks()
        wrong += [said(await nora.types(other_than(site.code()))) for _ in range(2)]
    await nora.asks("mail")
    wrong.append(said(await nora.types(other_than(site.mailed()))))
    assert len(wrong) == TRIES_PER_CASE
    assert {*wrong, said(await nora.types(site.mailed()))} == {wrong[0]}
    assert wrong[0][0] == 422
    assert await proofs(site.rig, case) == []
    assert COOKIE not in nora.cookies
    assert (await site.rig.acts(case)).count("code.refused") == TRIES_PER_CASE + 1


async def test_three_codes_for_a_case_and_no_more(site: CodesSite) -> None:
    case = await site.opened()
    nora = await site.on_the_way(case)
    for route in ("sms", "mail", "sms"):
        assert (await nora.asks(route)).status_code == 303
    for route in ("sms", "mail"):
        more = await nora.asks(route)
        assert (more.status_code, "No more codes" in more.text) == (429, True)
    site.has("phone", None)
    assert (await nora.asks()).status_code == 429
    assert len(site.gateway.texts) == 2
    assert (await nora.types(site.code())).status_code == 303


async def test_one_client_cannot_ask_for_many(site: CodesSite) -> None:
    for number, each in enumerate((NORA, EMIL, "Kari Bråten", "Wei Zhang")):
        person = await site.on_the_way(await site.opened(each))
        answers = [(await person.asks()).status_code for _ in range(3)]
        assert answers == ([303] * 3 if number < 3 else [303, 429, 429])


async def test_a_code_works_once_and_for_its_time(site: CodesSite) -> None:
    case = await site.opened()
    nora = await site.on_the_way(case)
    await nora.asks()
    first = site.code()
    site.rig.clock.move(10 * MINUTE)
    over = await nora.types(first)
    await nora.asks()
    second = site.code()
    await nora.asks()
    replaced = await nora.types(second) if second != site.code() else over
    assert said(over) == said(replaced)
    assert (await nora.types(site.code())).status_code == 303
    again = await nora.types(site.code())
    assert again.status_code == 422
    assert len(await proofs(site.rig, case)) == 1


async def test_two_at_once_prove_once(site: CodesSite) -> None:
    case = await site.opened()
    one, other = await site.on_the_way(case), await site.on_the_way(case)
    await one.asks()
    answers = await asyncio.gather(one.types(site.code()), other.types(site.code()))
    assert sorted(answer.status_code for answer in answers) != [303, 303]
    assert len(await proofs(site.rig, case)) == 1


async def test_a_code_counts_for_its_own_case_alone(site: CodesSite) -> None:
    nora, emil = await site.opened(NORA), await site.opened(EMIL)
    sends, takes = await site.on_the_way(nora), await site.on_the_way(emil)
    await sends.asks()
    assert (await takes.types(site.code())).status_code == 422
    assert (await sends.types(site.code())).status_code == 303
    assert await proofs(site.rig, emil) == []


async def test_another_browser_is_refused(site: CodesSite) -> None:
    case = await site.opened()
    nora = await site.on_the_way(case)
    late = await site.on_the_way(case)
    await nora.asks()
    await late.asks("mail")
    assert (await nora.types(site.code())).status_code == 303
    for other in (late, Person(site), Person(site, {COOKIE: "x"}), Person(site, {WAY_COOKIE: "x"})):
        for answer in (await other.types(site.mailed()), await other.asks(), await other.get("/case/code")):
            assert answer.status_code in (403, 410)
            assert COOKIE not in other.cookies or other.cookies[COOKIE] == "x"
    assert len(await proofs(site.rig, case)) == 1


async def test_a_visit_to_the_front_door_is_no_way_in(site: CodesSite) -> None:
    """Anybody may type anybody's address there: the cookie of such a visit opens nothing here."""
    case, now = await site.opened(), site.rig.clock.now()
    async with site.rig.database.transaction() as session:
        visit = Door(cookie_hash=hashed("visit"), account=case.target, at=now, until=now + HOUR)
        await eid.open_door(session, visit)
    visitor = Person(site, {WAY_COOKIE: "visit"})
    assert (await visitor.get("/case/code")).status_code == 410
    assert (await visitor.asks()).status_code == 410
    assert site.gateway.texts == []


async def test_the_way_in_takes_link_and_code_once(site: CodesSite) -> None:
    link = await site.by_eid.invite(site.rig.id(NORA), Language.NB)
    assert isinstance(link, Link), link
    nora, where = Person(site), f"/case/start/{link.token}"
    assert "Prove it with a code" in (await nora.get(where)).text
    wrong = await nora.post(f"{where}/codes", code=other_than(link.code))
    assert (wrong.status_code, WAY_COOKIE in nora.cookies) == (422, False)
    right = await nora.post(f"{where}/codes", code=link.code)
    assert (right.status_code, right.headers["location"]) == (303, "/case/code")
    assert "HttpOnly" in right.headers["set-cookie"]
    again = await Person(site).post(f"{where}/codes", code=link.code)
    assert again.status_code == 410
    await nora.asks()
    assert (await nora.types(site.code())).status_code == 303
    assert await proofs(site.rig, link.case) == [("sms", 1, f"··42, {CHANGED}", None)]


async def test_a_way_leads_to_no_later_case(site: CodesSite) -> None:
    case = await site.opened()
    nora = await site.on_the_way(case)
    async with site.rig.database.transaction() as session:
        await site.rig.cases.move(
            session, case.id, CaseState.OPEN, CaseState.CANCELLED, now=site.rig.clock.now(), actor=None
        )
    assert (await nora.get("/case/code")).status_code == 410
    site.rig.clock.move(MINUTE)
    await site.opened()
    assert (await nora.get("/case/code")).status_code == 410
    assert (await nora.asks()).status_code == 410


@pytest.mark.parametrize("fault", ["sms", "contacts", "graph"])
async def test_when_a_service_is_down_nothing_is_proved(site: CodesSite, fault: str) -> None:
    case = await site.opened()
    nora = await site.on_the_way(case)
    if fault == "sms":
        site.gateway.sms_status = 503
    elif fault == "contacts":
        site.gateway.contacts_status = 500
    else:
        site.rig.entra.faults.down = True
    answer = await nora.asks()
    assert answer.status_code == 303
    page = await nora.get("/case/code?sent=sms")
    assert "choose another way, or talk to the service desk" in page.text
    assert await proofs(site.rig, case) == []
    assert site.gateway.texts == []
    if fault == "graph":
        down = await nora.types("000000")
        assert (down.status_code, "Microsoft does not answer" in down.text) == (503, True)
    site.gateway.sms_status = site.gateway.contacts_status = None
    site.rig.entra.faults.clear()
    await nora.asks()
    assert (await nora.types(site.code())).status_code == 303


async def _by_video_and_text(site: CodesSite) -> tuple[Case, Person]:
    """A case that an agent on video and a code have proved."""
    case = await site.rig.desk.open(site.rig.id(JONAS), "emil.aasen@fjordheim.example")
    assert isinstance(case, Case), case
    video = policy.DEFAULT_RULES.route("video")
    assert video is not None
    code = await site.rig.desk.seen(site.rig.id(JONAS), case.id, "video", video.checks)
    assert isinstance(code, Code), code
    claimed = await site.rig.claimed(code.code)
    emil = site.bound(claimed.browser)
    site.has("phone", PHONE, name=EMIL)
    return case, emil


async def test_with_somebody_who_saw_the_requester_it_is_enough(site: CodesSite) -> None:
    rig = site.rig
    case, emil = await _by_video_and_text(site)
    assert await rig.state(case) == CaseState.VERIFYING
    assert "Prove it with a code" in (await emil.get("/case")).text
    await emil.asks()
    assert (await emil.types(site.code())).status_code == 303
    assert await rig.state(case) == CaseState.VERIFIED
    assert (await emil.get("/case/code")).headers["location"] == "/case"
    for approver in (INGRID, TOMASZ):
        await rig.approvals.approve(rig.press(approver, "approvals.approve", case.id))
    assert await rig.state(case) == CaseState.APPROVED
    rig.clock.move(timedelta(hours=4, minutes=1))
    old = await emil.post("/case/show")
    assert old.status_code == 409
    assert "Prove it with a code" in old.text
    stranger = await site.on_the_way(case)
    assert (await stranger.asks()).status_code == 410
    assert "private e-mail" not in (await emil.get("/case/code")).text
    await emil.asks()
    assert (await emil.types(site.code())).status_code == 303
    assert isinstance(await rig.issue.show(emil.cookies[COOKIE]), Shown)


async def test_the_recovery_code(site: CodesSite) -> None:
    rig = site.rig
    async with rig.database.transaction() as session:
        await people.pin(session, rig.person(NORA), rig.id(NORA), "nora@x", rig.clock.now())
    owner = await site.signed_in()
    page = await owner.get("/case/recovery")
    assert (page.status_code, "Make a recovery code" in page.text) == (200, True)
    made = await owner.post("/case/recovery/make")
    assert made.headers["cache-control"] == "no-store"
    [old] = re.findall(r"<code>([0-9A-Z-]{19})</code>", made.text)
    rig.clock.move(MINUTE)
    assert "Make a new one" in (await owner.get("/case/recovery")).text
    [code] = re.findall(r"<code>([0-9A-Z-]{19})</code>", (await owner.post("/case/recovery/make")).text)
    assert old != code
    assert code not in (await owner.get("/case/recovery")).text
    held = await dump(rig.database)
    assert not [one for one in (code, code.replace("-", ""), old.replace("-", "")) if one in held]
    rig.clock.move(DAY)
    case = await site.opened()
    nora = await site.on_the_way(case)
    assert "saved recovery code" in (await nora.get("/case/code")).text
    wrong = await nora.types(old)
    assert wrong.status_code == 422
    taken = await nora.types(code.lower().replace("-", " ").replace("1", "l").replace("0", "o"))
    assert taken.status_code == 303
    assert await proofs(rig, case) == [("recovery", 1, "2026-11-24", None)]
    assert said(await nora.types(code)) == said(wrong)
    await rig.delivered()
    told = [data.kind for data in rig.chat.seen_by(rig.person(NORA)) if hasattr(data, "kind")]
    assert told == ["made", "made", "used"]
    async with rig.database.transaction() as session:
        actions = list(await session.scalars(select(col(AuditRow.action))))
        row = (await session.scalars(select(RecoveryCode))).one()
    assert actions.count("recovery.made") == 2
    assert row.used_at is not None


async def test_a_recovery_code_made_after_the_case_was_opened_is_none(site: CodesSite) -> None:
    case = await site.opened()
    site.rig.clock.move(MINUTE)
    made = await site.recovery.make(site.rig.id(NORA), Language.NB)
    assert isinstance(made, str)
    nora = await site.on_the_way(case)
    assert (await nora.types(made)).status_code == 422
    assert await proofs(site.rig, case) == []


async def test_a_recovery_code_opens_nobody_elses_case(site: CodesSite) -> None:
    """Not even when somebody copies it to the other account in the database."""
    made = await site.recovery.make(site.rig.id(EMIL), Language.NB)
    assert isinstance(made, str)
    site.rig.clock.move(MINUTE)
    nora = await site.on_the_way(await site.opened(NORA))
    assert (await nora.types(made)).status_code == 422
    async with site.rig.database.transaction() as session:
        await session.execute(update(RecoveryCode).values(account=site.rig.id(NORA)))
    assert (await nora.types(made)).status_code == 422


async def test_only_who_is_signed_in_makes_a_recovery_code(site: CodesSite) -> None:
    nobody = Person(site)
    assert (await nobody.get("/case/recovery")).status_code == 401
    assert (await nobody.post("/case/recovery/make")).status_code == 401
    owner = await site.signed_in()
    for headers in ({}, {"Origin": "https://evil.example"}):
        cookie = {"Cookie": "; ".join(f"{k}={v}" for k, v in owner.cookies.items())}
        answer = await site.client.post("/case/recovery/make", headers={**cookie, **headers})
        assert answer.status_code == 403
    assert (await owner.get("/case/recovery/make")).status_code == 405
    assert await site.recovery.made_at(site.rig.id(NORA)) is None


async def test_addresses_and_codes_leave_no_trace(
    site: CodesSite, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    case = await site.opened()
    nora = await site.on_the_way(case)
    pages = [await nora.asks(), await nora.asks("mail"), await nora.get("/case/code?sent=mail")]
    site.gateway.sms_status = 500
    pages += [await nora.asks(), await nora.types(site.mailed()), await nora.get("/case")]
    canaries = {PHONE, PHONE[3:], MAIL, MAIL.partition("@")[0], site.code(), site.mailed()}
    log = "".join(capfd.readouterr()) + caplog.text
    shown = "".join(f"{page.url} {page.headers} {page.text}" for page in pages)
    held = await dump(site.rig.database)
    calls = json.dumps([f"{each.path} {each.query} {each.client}" for each in site.rig.entra.requests])
    for canary in canaries:
        assert canary not in log
        assert canary not in shown
        assert canary not in held
        assert canary not in calls
    assert "code-sent" in log
    async with site.rig.database.transaction() as session:
        rows = list(await session.scalars(select(SentCode)))
    assert len({row.code_mac for row in rows}) == len(rows) == 3
    assert PHONE not in repr(Secret(PHONE))
