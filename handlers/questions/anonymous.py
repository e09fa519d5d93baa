"""What people write, without what tells who they are: for support's list, and for the reader.

Better a word too many is cut than a name too few: every word with a capital letter goes unless it is known to be no
name. What nobody can tell from an ordinary word, a name in small letters, goes when it is among the given names.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from handlers.store.cleaning import CUT, clean

_ADDRESSES: Final = (
    re.compile(r"\b(?:https?|ftp|mailto|tel|sip)\s*:\s*\S+|\bwww\.\S+", re.IGNORECASE),
    re.compile(
        r"(?<![\w.+'-])[\w.+'-]+(?:@|\s?(?:\((?:at|a|alfa)\)|\[at\])\s?)[\w…-]+(?:\.[\w…-]+)*", re.IGNORECASE
    ),
    re.compile(r"(?<!\w)@[\w.…-]+"),
    re.compile(
        r"(?<![\w-])(?:[\w-]+\.)+(?:no|com|org|net|edu|eu|se|dk|fi|uk|de|io|ms|example)\b(?:/\S*)?",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![^\W_])[^\W_]{2,}(?:[.][^\W_]{2,})+|(?<!\w)[^\W_]+(?:_+[^\W_]+)+"),
)
"""Addresses of pages, mail and people, and what looks like the name of an account: ``kari.nordmann``."""
_NUMBERS: Final = re.compile(r"(?<!\w)[+(]?\d[\d\s()./\u00a0-]*\d(?!\w)")
_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_OPENING: Final = re.compile(r"(?:^|[.!?:…\n])[\s\"'«“(*•–-]*\Z")
_CUTS: Final = re.compile(rf"{CUT}(?:[\s,;/&-]*{CUT})+")

_PRODUCTS: Final = frozenset(
    """
    adobe altinn android apple authenticator authy azure bankid buypass canvas chrome chromebook citrix commfides
    eduroam entra excel facebook fido2 firefox galaxy github gmail google helsenorge huawei idporten imac inspera ipad
    iphone linux macbook macos microsoft minid moodle office onedrive onenote oneplus outlook passkey pixel
    powerpoint safari samsung sharepoint skype slack smartid teams thunderbird tofaktor ubuntu vipps wifi windows
    xbox yubikey zoom
    """.split()
)
"""Words with capital letters that name a thing; they take endings and versions."""
_SHORT: Final = frozenset(
    "2fa aadsts app duo fido id imap ios mac mfa nfc m365 o365 otp pc pdf pin pop qr sim sms smtp tap tlf totp url usb "
    "vpn".split()
)
"""The same, with endings only where they are written in capital letters: *Simen* and *Ida* are people."""
_PLAIN: Final = frozenset("edge exchange face hello orakel play porten store touch watch word".split())
"""The same, without endings."""
_ENDINGS: Final = re.compile(r"(?:s|en|n|et|er|ene|ane|a)?(?:app|appen|koden|kode|konto|kontoen)?")
_ERROR: Final = re.compile(r"aadsts\d+", re.IGNORECASE)
_ORDINARY: Final = frozenset(
    """
    i i'm i've i'd i'll can could how what when where why who which is are am was do does did my our me we you your it
    this that these there the a an and or but if so as at after before because since until without with no not nobody
    nothing yes hi hello hey thanks thank please help need want must should will would have has had got get getting
    may might let someone somebody something everything every all now today tomorrow yesterday already still just only
    lost forgot broken stolen new old phone code app account password screen computer laptop battery number text
    login sign signed log logged set setup scan camera approve approved deny denied error try tried does keep nothing
    jeg eg du han vi dere de dykk dei det dette den disse desse der her nå no så da då hvordan korleis hva kva hvor
    kor hvorfor kvifor hvem kven hvilken hvilke når kan kunne må skal skulle vil ville bør får fekk fikk har hadde er
    var blir ble vart finnes finst går gikk kommer kjem gjør gjer sier seier står virker verkar funker trenger treng
    ikke ikkje ingen inga ingenting noen nokon noe noko alle alt hver kvar mye mykje bare berre også òg og eller men
    hvis om dersom etter før fordi siden sidan uten utan med til fra frå på i av for ved mot en ein ei et eit min mi
    mitt mine vår vårt våre hei hallo heisann takk tusen hjelp unnskyld orsak beklager ja nei mistet mista glemt
    gløymt stjålet stolen knust ødelagt øydelagd ny nye nytt gammel gamle gamal telefon telefonen mobil mobilen koden
    kode appen konto kontoen passord passordet skjermen maskinen pc-en datamaskinen bytte byttet bytta logge logg
    innlogging innlogginga oppsett prøver prøvde prøvd klarer klarar greier fungerer feil feilmelding ber bruker
    brukar vis send sende skann sette setje slette fjerne legge leggje registrere godkjenne godkjent varsel varselet
    reiser skulle ser finner finn vet veit lurer
    """.split()
)
"""Words that often begin a sentence and are nobody's name."""
_CAPITAL: Final = frozenset("i i'm i've i'd i'll jeg eg du de dere dykk app appen".split())
"""Of these, what is written with a capital letter anywhere."""


def anonymous(text: str, names: Iterable[str] = ()) -> str:
    """``text`` with codes, numbers, addresses, mentions and names replaced by ``…``. Pure, the same every time."""
    known = frozenset(_pieces(names))
    while (cut := _once(text, known)) != text:
        text = cut
    return text


def _once(text: str, names: frozenset[str]) -> str:
    text = clean(text)
    for pattern in _ADDRESSES:
        text = pattern.sub(CUT, text)
    text = _NUMBERS.sub(lambda found: found[0] if _is_harmless(found[0]) else CUT, text)
    text = _WORD.sub(lambda found: CUT if _tells_who(found, names) else found[0], text)
    return " ".join(_CUTS.sub(CUT, text).split())


def _pieces(names: Iterable[str]) -> Iterator[str]:
    """The words of names; those of an address are before its sign."""
    for name in names:
        for piece in re.findall(r"[^\W\d_]{2,}", name.partition("@")[0]):
            yield piece.casefold()


def _is_harmless(number: str) -> bool:
    """``Microsoft 365``, and what is too short to be anybody's: ``10 minutes``."""
    return number == "365" or len(number) <= 2


def _tells_who(found: re.Match[str], names: frozenset[str]) -> bool:
    word = found[0]
    if word.isdigit():
        return not _is_harmless(word)
    parts = re.split(r"[-'’]", word)
    if any(_is_name(part, names) for part in parts):
        return True
    if any(map(str.isdigit, word)):
        return not (_is_thing(word) or _ERROR.fullmatch(word) or re.fullmatch(r"\d{1,2}-?[a-zæøå]+", word))
    if word.casefold() in _ORDINARY and _is_ordinary_here(found):
        return False
    return not all(part == part.lower() or _is_thing(part) for part in parts)


def _is_name(part: str, names: frozenset[str]) -> bool:
    """A short or ordinary word is taken for the name only when it is written as one."""
    folded = part.casefold()
    if folded not in names and folded.removesuffix("s") not in names:
        return False
    return part != part.lower() or (len(part) > 2 and folded not in _ORDINARY)


def _is_thing(word: str) -> bool:
    """A product by itself, with an ending, or with its version: ``iPhonen``, ``QR-koden``, ``Windows11``."""
    folded = re.sub(r"(?<=[^\W\d])(?:\d{1,2}|365)\Z", "", word.casefold())
    if folded in _PRODUCTS | _SHORT | _PLAIN:
        return True
    for product in _PRODUCTS | _SHORT:
        rest = folded.removeprefix(product)
        proper = product in _PRODUCTS or word.startswith(product.upper())
        if rest != folded and proper and _ENDINGS.fullmatch(rest.lstrip("-")):
            return True
    return False


def _is_ordinary_here(found: re.Match[str]) -> bool:
    """An ordinary word has a capital letter where a sentence begins, when it is shouted, and some have it always."""
    word = found[0]
    begins = _OPENING.search(found.string[max(0, found.start() - 20) : found.start()])
    return bool(begins) or word.isupper() or word == word.lower() or word.casefold() in _CAPITAL
