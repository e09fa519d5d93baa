"""Which language somebody is answered in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.language import choose, of_accepted, of_locale, of_text
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
