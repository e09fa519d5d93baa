"""The language of a reply."""

from typing import Final

from handlers.messages import Language

_FORMS: Final = (Language.NB, Language.NN)
"""The two forms of written Norwegian."""


def choose(
    *,
    chosen: Language | None,
    written: Language | None,
    profile: Language | None,
    last: Language | None = None,
    clear: bool = False,
) -> Language:
    """The person's choice first; then English or Norwegian as written, in the form that is theirs.

    The form is that of a Norwegian profile. Without one it is the form this person was last answered in
    (``last``), unless the text is clearly the other (``clear``): nobody is flipped by one word of a short line.
    When the words decide nothing, a Norwegian profile does, then ``last``: many have their chat in English only
    because it has no Norwegian.
    """
    if chosen:
        return chosen
    if written in _FORMS:
        return _norwegian(profile) or (None if clear else _norwegian(last)) or written
    if written:
        return written
    return _norwegian(profile) or last or profile or Language.NB


def form(*known: Language | None) -> Language:
    """The form of Norwegian that is somebody's own, by the first thing known that tells."""
    return next((found for each in known if (found := _norwegian(each))), Language.NB)


def _norwegian(language: Language | None) -> Language | None:
    return language if language in _FORMS else None
