"""A chat in memory, for the tests of features. It keeps the contract of ``tests/contracts/chat_port.py``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from handlers.events import Person, Place
from handlers.messages import Data, Language
from handlers.ports import ChatError, FormExpired, OutcomeUnknown, Profile, Reference, Rejected, Unreachable


@dataclass(frozen=True)
class Shown:
    """A message as it stands, and what it said before."""

    reference: Reference
    data: Data
    language: Language
    only: Person | None = None
    """The one person who sees it, if it was whispered."""
    earlier: tuple[Data, ...] = ()


@dataclass(frozen=True)
class Form:
    """The form in front of somebody."""

    opener: str
    """What replaces it, as ``Submitted.opener``."""
    data: Data
    language: Language


class MemoryChat:
    """Remembers who saw what. ``fail`` makes the next calls go wrong."""

    def __init__(
        self,
        people: Iterable[Profile] = (),
        *,
        platform: str = "slack",
        channels: Iterable[str] = ("C0SUPPORT",),
    ) -> None:
        self._platform = platform
        self._people = {profile.person: profile for profile in people}
        self._channels = {*channels}
        self._private: dict[str, Person] = {}
        self._shown: list[Shown] = []
        self._forms: dict[Person, Form] = {}
        self._homes: dict[Person, tuple[Data, Language]] = {}
        self._openers: dict[str, tuple[Person, bool]] = {}
        self._faults: dict[str, list[ChatError]] = {}
        self._number = 0

    @property
    def platform(self) -> str:
        """As told to the constructor."""
        return self._platform

    async def profile(self, person: Person) -> Profile:
        """What ``put`` or the constructor said."""
        self._fault("profile")
        if person not in self._people:
            raise Unreachable("user_not_found")
        return self._people[person]

    async def find(self, email: str) -> Person | None:
        """By the address, if the person may be served."""
        self._fault("find")
        for profile in self._people.values():
            if (profile.email or "").lower() == email.lower() and profile.refusal is None:
                return profile.person
        return None

    async def private(self, person: Person) -> Place:
        """The one place of this person."""
        self._fault("private")
        profile = self._people.get(person)
        if profile is None or profile.refusal in ("bot", "deactivated", "other-workspace"):
            raise Unreachable("user_not_found")
        conversation = f"private:{person.user}"
        self._private[conversation] = person
        return Place(self._platform, conversation, private=True)

    async def send(self, place: Place, data: Data, language: Language) -> Reference:
        """Put a message there."""
        lost = self._fault("send")
        shown = self._show(await self._known(place), data, language)
        if lost is not None:
            raise lost
        return shown.reference

    async def update(self, reference: Reference, data: Data, language: Language) -> None:
        """Replace a message of ours."""
        self._fault("update")
        for number, shown in enumerate(self._shown):
            if shown.reference == reference and shown.only is None:
                earlier = (*shown.earlier, shown.data)
                self._shown[number] = replace(shown, data=data, language=language, earlier=earlier)
                return
        raise Rejected("message_not_found")

    async def whisper(self, place: Place, person: Person, data: Data, language: Language) -> None:
        """Put a message there that one person sees."""
        lost = self._fault("whisper")
        self._show(await self._known(place), data, language, None if place.private else person)
        if lost is not None:
            raise lost

    async def home(self, person: Person, data: Data, language: Language) -> None:
        """Put it on the page of this person."""
        self._fault("home")
        if person not in self._people:
            raise Rejected("invalid_arguments")
        self._homes[person] = (data, language)

    async def open_form(self, opener: str, data: Data, language: Language) -> None:
        """Put a form in front of the person whose opener this is."""
        self._fault("open_form")
        person, again = self._openers.get(opener, (None, False))
        if person is None:
            raise FormExpired("expired_trigger_id")
        if again and self._forms.get(person) is None:
            raise FormExpired("not_found")
        if not again:
            del self._openers[opener]
        self._number += 1
        kept = opener if again else f"view:{self._number}"
        self._openers[kept] = (person, True)
        self._forms[person] = Form(kept, data, language)

    # What a test does and looks at.

    def put(self, profile: Profile) -> None:
        """Add somebody, or change what is known of them."""
        self._people[profile.person] = profile

    def opener(self, person: Person) -> str:
        """A fresh opener, as ``Pressed.opener`` of this person's press."""
        self._number += 1
        self._openers[f"trigger:{self._number}"] = (person, False)
        return f"trigger:{self._number}"

    def close_form(self, person: Person) -> None:
        """The person closes the form."""
        self._forms.pop(person, None)

    def expire(self, opener: str) -> None:
        """Three seconds go by."""
        self._openers.pop(opener, None)

    def fail(self, method: str, *errors: ChatError) -> None:
        """The next calls of a method raise these. After ``OutcomeUnknown`` a message stands all the same."""
        self._faults.setdefault(method, []).extend(errors)

    def form(self, person: Person) -> Form | None:
        """The form in front of somebody."""
        return self._forms.get(person)

    def page(self, person: Person) -> tuple[Data, Language] | None:
        """What the bot's own page shows to somebody."""
        return self._homes.get(person)

    def standing(self, place: Place) -> Sequence[Shown]:
        """The messages in a conversation that everybody there sees, threads included, oldest first."""
        return [
            shown
            for shown in self._shown
            if shown.only is None and shown.reference.place.conversation == place.conversation
        ]

    def seen_by(self, person: Person) -> Sequence[Data]:
        """What this person alone was told, in private and in whispers, oldest first."""
        return [
            shown.data
            for shown in self._shown
            if shown.only == person or self._private.get(shown.reference.place.conversation) == person
        ]

    @property
    def everything(self) -> Sequence[Shown]:
        """All messages, oldest first."""
        return tuple(self._shown)

    async def _known(self, place: Place) -> Place:
        name = place.conversation
        if name.startswith("user:"):
            found = [person for person in self._people if person.user == name.removeprefix("user:")]
            if not found:
                raise Unreachable("user_not_found")
            return replace(await self.private(found[0]), thread=place.thread)
        if name not in self._channels and name not in self._private:
            raise Unreachable("channel_not_found")
        return place

    def _show(self, place: Place, data: Data, language: Language, only: Person | None = None) -> Shown:
        self._number += 1
        shown = Shown(Reference(place, str(self._number)), data, language, only)
        self._shown.append(shown)
        return shown

    def _fault(self, method: str) -> OutcomeUnknown | None:
        """Raise the next fault, save one whose effect happens all the same: that is handed back."""
        waiting = self._faults.get(method)
        if not waiting:
            return None
        fault = waiting.pop(0)
        if isinstance(fault, OutcomeUnknown) and method in ("send", "whisper"):
            return fault
        raise fault
