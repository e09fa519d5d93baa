"""Which language somebody is answered in."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.language import Reading, Wish, choose, form, of_accepted, of_locale, of_text, read, wished
from handlers.messages import Language

EN, NB, NN = Language.EN, Language.NB, Language.NN
_some = st.sampled_from([None, EN, NB, NN])


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("nb-NO", NB),
        ("no_NO", NB),
        ("no", NB),
        ("nn-NO", NN),
        ("NN_no", NN),
        ("en-GB", EN),
        ("en_US", EN),
        ("sv-SE", None),
        ("se-NO", None),
        ("", None),
        (None, None),
        ("english", None),
    ],
)
def test_locales(locale: str | None, language: Language | None) -> None:
    assert of_locale(locale) is language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("nn-NO,nn;q=0.9,nb;q=0.8,en;q=0.7", NN),
        ("en;q=0.3, nb;q=0.8", NB),
        ("de-DE, fr;q=0.9, en;q=0.1", EN),
        ("nb;q=0, en;q=0.1", EN),
        ("nb;q=0", None),
        ("nb;q=9, en;q=0.5", EN),
        ("nb;q=x", None),
        ("en, nb", EN),
        ("*", None),
        ("", None),
        (None, None),
        (",;,;q=1", None),
    ],
)
def test_accepted_languages(header: str | None, language: Language | None) -> None:
    assert of_accepted(header) is language


@given(st.text(max_size=300))
def test_any_header_is_read(header: str) -> None:
    assert of_accepted(header) in (None, EN, NB, NN)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hvordan setter jeg opp tofaktor?", NB),
        ("Jeg har mistet mobilen", NB),
        ("Korleis set eg opp tofaktor?", NN),
        ("Eg har mista telefonen, kva gjer eg?", NN),
        ("Kvifor må vi ha dette, og når skjer det?", NN),
        ("How do I set up two-factor?", EN),
        ("I have lost my phone", EN),
        ("HOW DO I SET IT UP", EN),
        ("tofaktor", None),
        ("", None),
        ("🙂", None),
        ("12345", None),
        ("når er det", NB),
        ("5 min", None),
        ("takk for hjelpa", NB),
        ("Kodane blir ståande på skjermen", NN),
        ("Kodene blir stående på skjermen", NB),
        ("my calendar is similar to a popular one", EN),
    ],
)
def test_texts(text: str, language: Language | None) -> None:
    assert of_text(text) is language


def test_a_text_reads_the_same_however_its_letters_are_composed() -> None:
    assert of_text("Korleis gjer eg det pa\u030a mobilen") is NN


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert of_text(text) is of_text(text.upper().lower())


@pytest.mark.parametrize(
    ("chosen", "written", "profile", "language"),
    [
        (EN, NB, NN, EN),
        (None, EN, NB, EN),
        (None, NB, NN, NN),
        (None, NN, NB, NB),
        (None, NN, EN, NN),
        (None, NN, None, NN),
        (None, NB, EN, NB),
        (None, None, NN, NN),
        (None, None, EN, EN),
        (None, None, None, NB),
    ],
)
def test_the_choice(
    chosen: Language | None, written: Language | None, profile: Language | None, language: Language
) -> None:
    assert choose(chosen=chosen, written=written, profile=profile) is language


@given(st.sampled_from([EN, NB, NN]), _some, _some)
def test_what_a_person_chose_always_wins(
    chosen: Language, written: Language | None, profile: Language | None
) -> None:
    assert choose(chosen=chosen, written=written, profile=profile) is chosen


NORWEGIAN = st.sampled_from([NB, NN])


@given(NORWEGIAN, st.sampled_from([None, EN]), _some, st.booleans())
def test_a_short_line_never_flips_the_form_last_used(
    last: Language, profile: Language | None, written: Language | None, clear: bool
) -> None:
    answer = choose(chosen=None, written=written, profile=profile, last=last, clear=clear)
    if written is EN:
        assert answer is EN
    elif clear and written is not None:
        assert answer is written
    else:
        assert answer is last


@given(NORWEGIAN, _some, _some, st.booleans())
def test_a_norwegian_profile_decides_the_form_for_ever(
    profile: Language, written: Language | None, last: Language | None, clear: bool
) -> None:
    answer = choose(chosen=None, written=written, profile=profile, last=last, clear=clear)
    assert answer is (EN if written is EN else profile)


@given(_some, _some)
def test_what_a_person_chose_wins_over_what_was_last_used(
    written: Language | None, last: Language | None
) -> None:
    assert choose(chosen=NN, written=written, profile=None, last=last, clear=True) is NN


@pytest.mark.parametrize(
    ("last", "profile", "language"),
    [(EN, None, EN), (NB, EN, NB), (NN, EN, NN), (EN, NN, NN), (None, EN, EN), (None, None, NB)],
)
def test_when_the_words_decide_nothing(
    last: Language | None, profile: Language | None, language: Language
) -> None:
    assert choose(chosen=None, written=None, profile=profile, last=last) is language


words_of = {
    NN: st.sampled_from("eg ikkje korleis kva kven noko frå mykje kodane meldingar hemmeleg".split()),
    NB: st.sampled_from("jeg ikke hvordan hva hvem noe fra mye kodene meldinger hemmelig".split()),
}
neutral = st.lists(st.sampled_from("og det er på mobilen tofaktor QR 2026 🙂 app".split()), max_size=6)


@given(NORWEGIAN, st.data(), neutral)
def test_one_word_of_the_other_form_is_not_clear(
    other: Language, data: st.DataObject, rest: list[str]
) -> None:
    word = data.draw(words_of[other])
    said = read(" ".join([*rest, word, word]))
    assert not said.is_clear
    last = NB if other is NN else NN
    assert choose(chosen=None, written=said.language, profile=EN, last=last, clear=said.is_clear) is last


@given(NORWEGIAN, st.data(), neutral)
def test_several_different_words_of_a_form_are_clear(
    other: Language, data: st.DataObject, rest: list[str]
) -> None:
    said = read(" ".join([*rest, *data.draw(st.lists(words_of[other], min_size=2, unique=True))]))
    assert (said.is_clear, said.language) == (True, other)


@given(st.text(max_size=300))
def test_no_word_is_counted_twice(text: str) -> None:
    said = read(text)
    assert read(f"{text} {text}") == said
    assert sum((said.nynorsk, said.bokmal, said.either, said.faint, said.english)) <= len(text)


def test_what_is_said_in_both_forms_is_clearly_neither() -> None:
    assert not Reading(nynorsk=3, bokmal=2).is_clear
    assert Reading(nynorsk=1, bokmal=3).is_clear


DEVELOPMENT = Path(__file__).parents[1] / "questions" / "development"


def _development(language: str) -> list[str]:
    """The texts of one language."""
    with (DEVELOPMENT / f"{language}.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row["text"] for row in rows if row["lang"] == language]


@pytest.mark.parametrize(("language", "right", "wrong"), [(EN, 0.9, 0.01), (NB, 0.9, 0.01), (NN, 0.82, 0.16)])
def test_the_language_of_questions_as_people_ask_them(language: Language, right: float, wrong: float) -> None:
    read_as = [of_text(text) for text in _development(language)]
    assert read_as.count(language) >= right * len(read_as)
    assert sum(each not in (language, None) for each in read_as) <= wrong * len(read_as)


def test_nobody_who_writes_norwegian_is_answered_in_english() -> None:
    for language in (NB, NN):
        read_as = [of_text(text) for text in _development(language)]
        assert read_as.count(EN) <= 0.01 * len(read_as)


@pytest.mark.parametrize("language", Language)
def test_no_question_is_taken_for_a_wish(language: Language) -> None:
    assert [text for text in _development(language) if wished(text)] == []


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("english", Wish.EN),
        ("English!", Wish.EN),
        ("in English, please", Wish.EN),
        ("can you answer in english please", Wish.EN),
        ("bokmål", Wish.NB),
        ("BOKMÅL", Wish.NB),
        ("bokma\u030al", Wish.NB),
        ("norsk bokmål", Wish.NB),
        ("Nynorsk, takk", Wish.NN),
        ("kan du skrive nynorsk?", Wish.NN),
        ("svar på nynorsk", Wish.NN),
        ("norsk", Wish.NORWEGIAN),
        ("norwegian please", Wish.NORWEGIAN),
        ("språk", Wish.ASK),
        ("language", Wish.ASK),
        ("bytt språk", Wish.ASK),
        ("change language", Wish.ASK),
        ("språk: nynorsk", Wish.NN),
        ("nynorsk bokmål", Wish.ASK),
        ("", None),
        ("takk", None),
        ("kan du svare", None),
        ("hva heter appen på engelsk", None),
        ("norsk bank", None),
        ("english " * 20, None),
    ],
)
def test_wishes(text: str, wish: Wish | None) -> None:
    assert wished(text) == wish


@given(st.text(max_size=80), st.sampled_from(["telefon", "code", "QR"]))
def test_who_says_anything_else_wishes_for_nothing(text: str, word: str) -> None:
    assert wished(f"{text} {word} english") is None


@pytest.mark.parametrize(
    ("known", "language"), [((), NB), ((None, NN), NN), ((EN, None), NB), ((NB, NN), NB), ((EN, NN), NN)]
)
def test_the_form_that_is_theirs(known: tuple[Language | None, ...], language: Language) -> None:
    assert form(*known) is language
