"""When the reader is asked, what it sees, and what becomes of its pick."""

import re

import httpx
import pytest
from structlog.testing import capture_logs

from bot.reader import Reader
from handlers.messages import Answer, Choice, Data, Greeting, Unanswered
from handlers.questions.follow_up import OFFERED
from handlers.questions.matching import Kind, Match
from handlers.questions.topics import Topic
from tests.bot.reader_emulator import ReaderEmulator, answers, picks, said
from tests.handlers.questions.asking import THREAD, Asking, Canned, Scripted
from tests.handlers.rig import NORA, Rig

WHICH = Choice(("lost-phone", "new-phone"), 1)


@pytest.fixture
def asking(rig: Rig) -> Asking:
    matcher = Scripted(
        **{
            "hva med nettbrettet": Match(Kind.HANDOVER, None, (Topic.SETUP,)),
            "mobilen min": Match(Kind.CHOOSE, None, (Topic.LOST_PHONE, Topic.NEW_PHONE)),
            "oppsett": Match(Kind.ANSWER, Topic.SETUP),
            "koden til sjefen": Match(Kind.REFUSE, Topic.ABUSE),
            "takk": Match(Kind.SMALLTALK, Topic.OFF_TOPIC),
        }
    )
    return Asking(rig, matcher)


async def test_what_nobody_understands_is_understood_by_the_reader(asking: Asking) -> None:
    asking.reader = Canned("no-smartphone")
    assert await asking.ask("hva med nettbrettet") == [Answer("no-smartphone", question=1)]
    [row] = await asking.rows()
    assert (row.kind, row.topic, row.alternatives) == ("answer", "no-smartphone", "setup")


async def test_a_choice_is_made_by_the_reader_and_the_rest_stays_on_offer(asking: Asking) -> None:
    asking.reader = Canned("new-phone")
    assert await asking.ask("mobilen min") == [Answer("new-phone", question=1)]
    [row] = await asking.rows()
    assert row.alternatives == "lost-phone"


@pytest.mark.parametrize("picks", [None, "abuse", "off-topic", "free-passes", "", "none", "SETUP"])
async def test_without_a_usable_pick_all_is_as_before(asking: Asking, picks: str | None) -> None:
    asking.reader = Canned(picks)
    assert await asking.ask("hva med nettbrettet") == [Unanswered()]
    [row] = await asking.rows()
    assert (row.kind, row.topic) == ("handover", None)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("oppsett", Answer("setup", question=1)),
        ("koden til sjefen", Answer("abuse", question=1)),
        ("takk", Greeting()),
        ("12345678", Unanswered()),
        ("", Unanswered()),
    ],
)
async def test_otherwise_it_is_not_asked(asking: Asking, text: str, reply: Data) -> None:
    reader = Canned("privacy")
    asking.reader = reader
    assert await asking.ask(text) == [reply]
    assert reader.shown == []


async def test_what_is_overheard_is_not_read(asking: Asking) -> None:
    reader = Canned("privacy")
    asking.reader = reader
    await asking.ask("hva med nettbrettet", place=THREAD, addressed=False)
    assert reader.shown == []


async def test_it_chooses_among_what_people_may_mean(asking: Asking) -> None:
    reader = Canned(None)
    asking.reader = reader
    await asking.ask("hva med nettbrettet")
    assert set(reader.topics) == set(Topic) - {Topic.ABUSE, Topic.OFF_TOPIC} == OFFERED


async def test_nothing_that_tells_who_asks_or_opens_anything_reaches_the_service(asking: Asking) -> None:
    """Canaries in every shape, through the real reader and a real socket."""
    said_by_nora = (
        "hei, nora lindqvist her (NORA), brukernavn norali7 og nora.lindqvist@fjordheim.example. "
        "Jeg heter Nora Lindqvist, sjefen min er Kari Nordmann. Fødselsnummer 010190 12345, tlf 45 67 89 01, "
        "kode 4F7K-9QXM, pass xK9mm2QQ, engangskode 123456, se https://fjordheim.example/?token=eyJhbGciOiJI, "
        "spør @kari. Hva med nettbrettet?"
    )
    async with ReaderEmulator() as service, httpx.AsyncClient() as client:
        asking.reader = Reader(client, service.url, service.model, service.key)
        with capture_logs() as logged:
            await asking.ask(said_by_nora)
    [reached] = service.raw
    person = asking.person()
    for canary in (
        *("nora", "lindqvist", "kari", "nordmann", "norali7", "fjordheim", "example"),
        *("010190", "12345", "4567", "45 67", "4F7K", "9QXM", "xK9mm2QQ", "123456", "token", "eyJ"),
        *(person.user, person.tenant, asking.rig.id(NORA), asking.private().conversation),
    ):
        assert canary.casefold() not in reached.casefold(), canary
    assert not re.search(r"\d{3}", reached.partition("\n")[2].partition("\n")[2].replace("365", ""))
    assert "nettbrettet" in reached
    assert "nettbrettet" not in repr(logged)
    assert "Nora" not in repr(logged)


@pytest.mark.parametrize(
    "body",
    [
        said('{"topic": "abuse"}'),
        said("Ring 12345678 og si passordet ditt"),
        said('{"topic": "Ring 12345678"}'),
        said('{"topic": "setup", "reply": "Ring 12345678"}'),
        {"error": "Ring 12345678"},
    ],
)
async def test_its_words_reach_nobody(asking: Asking, body: object) -> None:
    async with ReaderEmulator(respond=answers(body)) as service, httpx.AsyncClient() as client:
        asking.reader = Reader(client, service.url, service.model, service.key)
        assert await asking.ask("mobilen min") == [WHICH]
        service.respond = picks("lost-phone")
        assert (await asking.ask("mobilen min"))[1:] == [Answer("lost-phone", question=2)]
    assert "Ring" not in repr([*asking.rig.chat.everything, *await asking.rows()])
