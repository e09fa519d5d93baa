"""The chat in memory for the contract, so that tests of features may trust it."""

from collections.abc import Sequence

from handlers.events import Person, Place
from handlers.messages import Data, Language
from handlers.ports import OutcomeUnknown, Profile, Rejected, TryLater, Unreachable
from tests.memory_chat import MemoryChat

METHODS = ("send", "update", "whisper", "private", "profile", "find", "home", "open_form")
REASONS = ("guest", "bot", "deactivated", "other-workspace")


class MemoryRig:
    """A ``ChatRig`` that looks at data, since nothing is put into words here."""

    def __init__(self) -> None:
        self.anna = _profile("U0ANNA", "anna@fjordheim.example", None)
        berit = _profile("U0BERIT", "berit@fjordheim.example", None)
        refused = [_profile(f"U0{reason}", None, reason) for reason in REASONS]
        self.chat = MemoryChat([self.anna, berit, *refused], channels=["C0GENERAL"])
        self.berit = berit.person
        self.refused = [(profile.person, profile.refusal or "") for profile in refused]
        self.nobody = Person("slack", "T0", "U0NOBODY")
        self.channel = Place("slack", "C0GENERAL")
        self.elsewhere = Place("slack", "C0NOWHERE")

    has_pages = True
    answers_forms = False

    def seen(self, person: Person, place: Place) -> Sequence[str]:
        """What stands there and is for this person's eyes."""
        return [
            self.said(shown.data, shown.language)
            for shown in self.chat.everything
            if shown.reference.place.conversation == place.conversation and shown.only in (None, person)
        ]

    def said(self, data: Data, language: Language) -> str:
        """The data themselves."""
        return f"{language}: {data}"

    def page(self, person: Person) -> str | None:
        """The data of the page."""
        page = self.chat.page(person)
        return None if page is None else self.published(*page)

    def published(self, data: Data, language: Language) -> str:
        """The data themselves."""
        return f"{language}: {data}"

    def form(self, person: Person) -> str | None:
        """The data of the form."""
        form = self.chat.form(person)
        return None if form is None else self.asked(form.data, form.language)

    def asked(self, data: Data, language: Language) -> str:
        """The data themselves."""
        return f"{language}: {data}"

    async def pressed(self, person: Person) -> str:
        """A fresh opener."""
        return self.chat.opener(person)

    async def expire(self, opener: str) -> None:
        """Too old now."""
        self.chat.expire(opener)

    async def submitted(self, person: Person) -> str:
        """The opener that stands for the open form."""
        form = self.chat.form(person)
        assert form is not None
        return form.opener

    async def closed(self, person: Person) -> None:
        """Gone."""
        self.chat.close_form(person)

    def busy(self, method: str, seconds: int) -> None:
        """One pause."""
        self.chat.fail(method, TryLater(seconds))

    def lose_answer(self, method: str) -> None:
        """One unknown outcome."""
        self.chat.fail(method, TryLater(5) if method == "home" else OutcomeUnknown("lost"))

    def without_pages(self) -> None:
        """One refusal."""
        self.chat.fail("home", Unreachable("not_enabled"))

    def revoke(self) -> None:
        """Every method refuses once."""
        for method in METHODS:
            self.chat.fail(method, Rejected("slack-token: token_revoked"))


def _profile(user: str, email: str | None, refusal: str | None) -> Profile:
    return Profile(Person("slack", "T0", user), user, email, "nb-NO", "Europe/Oslo", refusal)
