"""Which language somebody is answered in: their choice, else their profile, else what they wrote."""

import re
import unicodedata

from handlers.messages import Language

_NORWEGIAN = {"nb": Language.NB, "no": Language.NB, "nn": Language.NN, "en": Language.EN}

_MARKERS: dict[Language, frozenset[str]] = {
    Language.NN: frozenset(
        "eg ikkje korleis kva kvar kven kvifor korfor dykk dykkar dei hjå noko nokon nokre berre vert vore "
        "veit ein mykje frå kjem gjer treng fekk eigen sjølv tilgjenge ho difor då skulle mista gløymt "
        "innlogginga rettleiing nytta".split()
    ),
    Language.NB: frozenset(
        "jeg ikke hvordan hva hvor hvem hvorfor når dere deres noe noen bare blir vært vet mye fra skal "
        "kommer gjør gjøre trenger fikk min mitt mine har er og på til med kan det den av en et å jo "
        "nå også igjen mobilen telefonen passordet koden ny nytt hjelp virker funker mistet".split()
    ),
    Language.EN: frozenset(
        "the is are i my me you your how what when where why who do does did can cannot could would not "
        "it this that a an to of on in for with have has had get got phone need help lost new code please "
        "will be am if and or from at just about there".split()
    ),
}
_SHARED = frozenset("når har er og på til med kan det den av å nå min ny hjelp".split())
"""Words of Bokmål that Nynorsk has too: they speak against English and for neither form."""


def of_locale(locale: str | None) -> Language | None:
    """``nb-NO``, ``no_NO``, ``nn-NO``, ``en-GB`` → ours; other languages are nobody's guess."""
    if not locale:
        return None
    return _NORWEGIAN.get(re.split(r"[-_]", locale.lower())[0])


def of_accepted(header: str | None) -> Language | None:
    """The first language of ours in an ``Accept-Language`` header, by its weights (RFC 9110, 12.5.4)."""
    weighed: list[tuple[float, Language]] = []
    for part in (header or "").split(",")[:20]:
        tag, _, weight = part.partition(";")
        language = of_locale(tag.strip())
        if language is not None:
            weighed.append((_weight(weight), language))
    best = max(weighed, key=lambda item: item[0], default=(0.0, None))
    return best[1] if best[0] > 0 else None


def _weight(parameter: str) -> float:
    found = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", parameter)
    return float(found[1]) if found else 1.0 if not parameter.strip() else 0.0


def of_text(text: str) -> Language | None:
    """The language a text is written in, when its words decide it."""
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text.lower()))
    nynorsk = sum(word in _MARKERS[Language.NN] for word in words)
    bokmal = sum(word in _MARKERS[Language.NB] and word not in _SHARED for word in words)
    norwegian = nynorsk + bokmal + sum(word in _SHARED for word in words)
    english = sum(word in _MARKERS[Language.EN] for word in words)
    if english == norwegian:
        return None
    if english > norwegian:
        return Language.EN
    if nynorsk == bokmal:
        # One word that both forms have may be an abbreviation of anything: "5 min".
        return Language.NB if norwegian > 1 else None
    return Language.NN if nynorsk > bokmal else Language.NB


def choose(*, chosen: Language | None, written: Language | None, profile: Language | None) -> Language:
    """The person's choice first; then English or Norwegian as written, in the profile's form of it; else the profile.

    Two Norwegian forms are never told apart against the profile on one message: who has set Nynorsk
    and writes a short line that could be either stays with Nynorsk.
    """
    if chosen:
        return chosen
    if written is None:
        return profile or Language.NB
    if written is Language.EN or profile in (None, Language.EN):
        return written
    return profile
