"""The language people choose: by a word or a button, kept, and answered in; and what greets who says nothing."""

from dataclasses import replace
from itertools import count

import pytest

from bot.sandbox.world import FJORDHEIM
from handlers.events import Asked, Place, Pressed
from handlers.home import FRESH, Homes
from handlers.messages import Data, Home, Language, Languages, Welcome
from handlers.preferences import Preferences
from handlers.records import Question
from handlers.store import people
from handlers.welcome import Welcomes
from tests.handlers.rig import NORA, Rig, profile_of
from tests.handlers.test_home import homes, look, looks

EN, NB, NN = Language.EN, Language.NB, Language.NN
CHANNEL = Place("slack", "C0SUPPORT", "1.1")
_NUMBERS = count(1)


def preferences(rig: Rig, page: Homes | None = None) -> Preferences:
    """As built in the product."""
    return Preferences(rig.database, rig.people, page or homes(rig), rig.clock)


def private(rig: Rig) -> Place:
    """The conversation with Nora."""
    return Place("slack", f"user:{rig.person(NORA).user}", private=True)


def asked(rig: Rig, text: str, place: Place | None = None, *, addressed: bool = True) -> Asked:
    """A message of Nora's."""
    return Asked(f"q{next(_NUMBERS)}", rig.person(NORA), place or private(rig), text, addressed)


def pressed(rig: Rig, record: str, message: str | None = "1.2") -> Pressed:
    """A press of Nora's; without a message, on the bot's own page."""
    return Pressed(
        f"p{next(_NUMBERS)}", rig.person(NORA), private(rig), "language.choose", record, message=message
    )


async def told(rig: Rig) -> list[tuple[Data, Language]]:
    """What Nora was told, and in which language."""
    await rig.delivered()
    return [(shown.data, shown.language) for shown in rig.chat.everything]


async def chosen(rig: Rig) -> Language | None:
    """What is kept."""
    async with rig.database.reading() as session:
        return await people.language_of(session, rig.person(NORA))


@pytest.mark.parametrize(
    ("text", "language"),
    [("English", EN), ("nynorsk", NN), ("på bokmål, takk", NB), ("norsk", NB)],
)
async def test_a_word_chooses_and_is_answered_in_the_language_chosen(
    rig: Rig, text: str, language: Language
) -> None:
    assert await preferences(rig).asked(asked(rig, text))
    assert await told(rig) == [(Languages(language, chosen=True), language)]
    assert await chosen(rig) is language
    assert (await rig.people.known(rig.person(NORA), "Hvordan setter jeg det opp?")).language is language


async def test_the_word_for_language_offers_them_and_chooses_none(rig: Rig) -> None:
    assert await preferences(rig).asked(asked(rig, "språk"))
    assert await told(rig) == [(Languages(NB), NB)]
    assert await chosen(rig) is None


@pytest.mark.parametrize(
    ("locale", "last", "language"),
    [("nn-NO", None, NN), ("nb-NO", NN, NB), ("en-GB", NN, NN), ("en-GB", EN, NB), (None, None, NB)],
)
async def test_norwegian_is_the_form_that_is_theirs(
    rig: Rig, locale: str | None, last: Language | None, language: Language
) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), locale=locale))
    if last is not None:
        await answered(rig, last)
    assert await preferences(rig).asked(asked(rig, "norsk"))
    assert await chosen(rig) is language


async def answered(rig: Rig, language: Language) -> None:
    """A question of Nora's that was answered in this language."""
    who = rig.person(NORA)
    row = Question(
        event=f"e{next(_NUMBERS)}",
        platform=who.platform,
        tenant=who.tenant,
        user=who.user,
        conversation="D1",
        asked_at=rig.clock.now(),
        language=language,
        kind="answer",
    )
    async with rig.database.transaction() as session:
        session.add(row)


async def test_one_word_of_a_short_line_flips_nobody(rig: Rig) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), locale="en-GB"))
    assert (await rig.people.known(rig.person(NORA), "kva no")).language is NN
    await answered(rig, NN)
    for text in ("ikke det", "ny mobil", "ok", ""):
        assert (await rig.people.known(rig.person(NORA), text)).language is NN, text
    clear = "Jeg har mistet mobilen, hva gjør jeg nå?"
    assert (await rig.people.known(rig.person(NORA), clear)).language is NB
    assert (await rig.people.known(rig.person(NORA), "What do I do now?")).language is EN


async def test_of_several_questions_the_last_one_counts(rig: Rig) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), locale="en-GB"))
    await answered(rig, NB)
    await answered(rig, NN)
    assert (await rig.people.known(rig.person(NORA), "ny mobil")).language is NN


@pytest.mark.parametrize(
    "text", ["Er det noen veiledning på engelsk?", "engelsk ordbok", "hvordan setter jeg opp tofaktor", ""]
)
async def test_a_question_is_left_to_the_others(rig: Rig, text: str) -> None:
    assert not await preferences(rig).asked(asked(rig, text))
    assert await told(rig) == []


async def test_what_is_only_overheard_chooses_nothing(rig: Rig) -> None:
    assert not await preferences(rig).asked(asked(rig, "english", CHANNEL, addressed=False))
    assert not await Welcomes(rig.database, rig.people, rig.clock).asked(
        asked(rig, "", CHANNEL, addressed=False)
    )
    assert await chosen(rig) is None


async def test_a_word_in_a_channel_is_answered_in_its_thread(rig: Rig) -> None:
    assert await preferences(rig).asked(asked(rig, "english", CHANNEL))
    await rig.delivered()
    (shown,) = rig.chat.everything
    assert shown.reference.place == CHANNEL


async def test_a_button_chooses_and_is_answered_once(rig: Rig) -> None:
    event = pressed(rig, "nn")
    for _ in range(2):
        await preferences(rig).choose(event)
    assert await told(rig) == [(Languages(NN, chosen=True), NN)]
    assert await chosen(rig) is NN


async def test_on_the_page_the_page_is_the_answer(rig: Rig) -> None:
    page = homes(rig)
    await page.opened(look(rig.person(NORA)))
    await preferences(rig, page).choose(pressed(rig, "nn", message=None))
    assert await told(rig) == []
    assert rig.chat.page(rig.person(NORA)) == (Home(NN, "everything"), NN)
    assert looks(rig) == 1
    rig.clock.move(FRESH)
    await page.opened(look(rig.person(NORA)))
    assert rig.chat.page(rig.person(NORA)) == (Home(NN, "everything"), NN)


async def test_a_choice_elsewhere_shows_on_the_page_at_the_next_look(rig: Rig) -> None:
    page = homes(rig)
    await page.opened(look(rig.person(NORA)))
    await preferences(rig, page).asked(asked(rig, "nynorsk"))
    await page.opened(look(rig.person(NORA)))
    assert rig.chat.page(rig.person(NORA)) == (Home(NN, "everything"), NN)


async def test_a_button_of_no_language_chooses_nothing(rig: Rig) -> None:
    for message in ("1.2", None):
        await preferences(rig).choose(pressed(rig, "sv", message))
    assert (await chosen(rig), await told(rig)) == (None, [])


@pytest.mark.parametrize("refusal", ["guest", "bot", "deactivated", "other-workspace"])
async def test_who_is_not_served_chooses_nothing(rig: Rig, refusal: str) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal=refusal))
    assert not await preferences(rig).asked(asked(rig, "english"))
    assert not await Welcomes(rig.database, rig.people, rig.clock).asked(asked(rig, ""))
    await preferences(rig).choose(pressed(rig, "en"))
    assert (await chosen(rig), await told(rig)) == (None, [])


@pytest.mark.parametrize("text", ["", "  ", "help", "Hjelp!", "?"])
@pytest.mark.parametrize("place", [None, CHANNEL])
async def test_who_says_nothing_is_welcomed_where_they_are(rig: Rig, text: str, place: Place | None) -> None:
    event = asked(rig, text, place)
    for _ in range(2):
        assert await Welcomes(rig.database, rig.people, rig.clock).asked(event)
    assert await told(rig) == [(Welcome(NB), NB)]
    (shown,) = rig.chat.everything
    assert shown.reference.place.private is (place is None)


async def test_who_says_something_is_not_welcomed(rig: Rig) -> None:
    assert not await Welcomes(rig.database, rig.people, rig.clock).asked(asked(rig, "hjelp meg med QR-koden"))
