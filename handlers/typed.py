"""What people type in place of a press: the commands that platforms offer, and the words on our own buttons.

Nothing here is about lost and new phones or about languages: those are understood as everything else is.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from handlers.events import Asked, Pressed

_SETUP: Final = ("setup.start", "setup")
_PERSON: Final = ("questions.person", "")
_COLLEAGUE: Final = ("colleague.open", "")
_PRESSES: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(
        (
            "set it up",
            "set it up now",
            "set up",
            "setup",
            "sett det opp",
            "sett det opp nå",
            "sett opp",
            "set det opp",
            "set det opp no",
            "set opp",
            "oppsett",
        ),
        _SETUP,
    ),
    **dict.fromkeys(
        (
            "talk to a person",
            "person",
            "snakk med et menneske",
            "snakk med eit menneske",
            "menneske",
        ),
        _PERSON,
    ),
    **dict.fromkeys(
        (
            "help a colleague",
            "help a colleague who is locked out",
            "colleague",
            "hjelp en kollega",
            "hjelp en kollega som er låst ute",
            "hjelp ein kollega",
            "hjelp ein kollega som er stengd ute",
            "kollega",
        ),
        _COLLEAGUE,
    ),
}


def pressed(event: Asked) -> Pressed | None:
    """The press that stands for the words; none for all others, and none where others read along."""
    if not event.place.private:
        return None
    words = " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", event.text).casefold()))
    press = _PRESSES.get(words)
    return Pressed(event.id, event.person, event.place, *press) if press else None
