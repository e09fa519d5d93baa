"""Short messages that mean something only after an answer: "and on iPhone?", "that didn't work"."""

import re
from collections.abc import Sequence
from typing import Final

from handlers.questions.topics import Topic

_LONGEST: Final = 9
_ASKING_ON: Final = re.compile(
    r"(?:and|og|men|but|what about|how about|hva med|kva med|enn|hva om|kva om|what if)\b.{0,40}"
    r"\b(?:iphone|android|samsung|ipad|nettbrett|tablet|mac|pc|telefonen?|mobilen?|phone|apple)\b.*"
    r"|(?:and|og) (?:then|now|after that|så|så da|då|da|etterpå|etterpå da)"
    r"|(?:what|hva|kva) (?:then|now|next|nå|no|så|så da|da|då)"
)
_NO_USE: Final = re.compile(
    r"(?:(?:that|it|this|det|dette)\s+)?(?:still\s+)?(?:did ?nt|does ?nt|do ?nt|didn t|doesn t|not|wont)\s+"
    r"(?:work|help|working|worked)\b.*"
    r"|(?:(?:nei|no|nope|hmm|det|dette)\s+){0,2}(?:fungerte|funka|funket|virka|virket|hjalp|verka|gikk|gjekk|fungerer|"
    r"funker|funkar|verkar|virker)\s+(?:ikke|ikkje)\b.*"
    r"|(?:fortsatt|framleis|fremdeles|still) (?:ikke|ikkje|not|no|the same|det samme|det same)\b.*"
)
_NOTHING_CAME: Final = re.compile(
    r".*\b(?:nothing|ingenting|inkje|ikkje noko|ikke noe|no prompt|no notification|ikke varsel|ingen varsel)\b.*"
    r"(?:happens|happened|came|comes|arrives|kom|kommer|kjem|skjer|skjedde|hender|hende|på telefonen|on my phone)?.*"
)
_WAITING: Final = frozenset({Topic.SETUP, Topic.TEST_PROMPT, Topic.NEW_PHONE, Topic.NO_NOTIFICATION})
"""After these, nothing coming is a notification that does not come."""


def continued(said: Sequence[str], last: Topic) -> Topic | None:
    """The topic that a short message goes on with, if it goes on at all."""
    if not 0 < len(said) <= _LONGEST:
        return None
    text = " ".join(said)
    if last in _WAITING and _NOTHING_CAME.fullmatch(text) and len(said) <= _LONGEST - 3:
        return Topic.NO_NOTIFICATION
    if _ASKING_ON.fullmatch(text) or _NO_USE.fullmatch(text):
        return last
    return None
