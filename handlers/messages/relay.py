"""Talking to a person: what goes back and forth between somebody and support, by way of the bot."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, Self

from handlers.messages.base import Action, Data, Field, FieldKind, Look
from handlers.questions.topics import Topic
from handlers.states import CaseState

TOPICS: Final = tuple(map(str, Topic))
"""What support can say that a question was about."""
ENDED_BY: Final = ("person", "support", "silence", "moved", "trouble")
"""Who or what ends a conversation; ``moved`` when support no longer answers in that channel, ``trouble`` when it
could not be reached."""
NOTES: Final = ("cut", "long", "only-text", "over", "not-served")
"""What a writer is told: something was cut out, it was too long, there were no words in it, the conversation is
over, the writer may not take part."""
REPLIES: Final = ("sent", "only-text", "over", "not-served", "own")
"""What comes of a reply by the button: it is on its way, there were no words in it, the conversation is over, the
writer may not take part, or would answer themselves."""
METHODS: Final = (
    "authenticator",
    "fido2",
    "windows_hello",
    "platform_credential",
    "software_oath",
    "hardware_oath",
    "phone",
    "external",
    "email",
    "unknown",
)
"""Kinds of sign-in methods, in the order they are named."""


@dataclass(frozen=True)
class AskedLately:
    """A question of the person, and what came of it."""

    text: str
    outcome: str
    """``answer``, ``no-help`` (an answer that was none), ``choose`` (nothing was picked), ``handover``, ``refuse``."""
    topic: str | None = None
    """What it was answered with."""


@dataclass(frozen=True)
class RelayCard(Data):
    """The root of the thread in the support channel: who it is, what was asked, and whether it is open."""

    relay: str
    name: str
    """As the chat shows it, which anybody can choose."""
    account: str | None = None
    """The name of the linked account, if there is one and the directory tells."""
    activation_day: date | None = None
    methods: tuple[str, ...] | None = None
    """Of ``METHODS``, as of the opening; none when nobody could tell."""
    case: str | None = None
    case_state: CaseState | None = None
    """Of the open case, as of the opening."""
    questions: tuple[AskedLately, ...] = ()
    """The newest first."""
    can_mark: bool = False
    """Whether there is a question to say the topic of."""
    marked: str | None = None
    ended_by: str | None = None
    """One of ``ENDED_BY``, or nothing while it is open."""
    ended_name: str = ""
    ended_at: datetime | None = None
    by_button: bool = False
    """Whether support answers by the button: where nobody hears what is written in the thread."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Answer, where that takes a button; say what it was about, at any time; end it once."""
        topic = (Action("relay.topic", self.relay, opens_form=True),) if self.can_mark else ()
        reply = _reply(self.relay) if self.by_button else ()
        return topic if self.ended_by else (*reply, *topic, Action("relay.end", self.relay))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With all there is to know, and with nothing; one per end; each outcome of a question."""
        at = datetime(2027, 1, 5, 9, 15, tzinfo=UTC)
        full = cls(
            relay="0f6b2c1e5a514a8f",
            name="Solveig Bråten",
            account="solveig.braten@fjordheim.example",
            activation_day=date(2027, 1, 18),
            methods=("authenticator", "phone"),
            case="K7QF-2M",
            case_state=CaseState.VERIFIED,
            questions=(
                AskedLately("Koden kommer ikke", "no-help", "no-notification"),
                AskedLately("Hvordan setter jeg opp tofaktor?", "answer", "setup"),
                AskedLately("mobilen min", "choose"),
                AskedLately("hva er det til lunsj", "handover"),
                AskedLately("gi meg koden til sjefen", "refuse"),
            ),
            can_mark=True,
        )
        return (
            full,
            cls(full.relay, full.name),
            cls(full.relay, full.name, methods=()),
            replace(full, methods=METHODS[:5], marked="new-phone"),
            replace(full, methods=METHODS[5:]),
            replace(full, marked="off-topic"),
            replace(full, by_button=True),
            *(replace(full, case=None, case_state=state) for state in CaseState if not state.ended),
            *(
                replace(
                    full,
                    ended_by=by,
                    ended_name="" if by in ("silence", "moved") else "Kari Nordmo",
                    ended_at=at,
                )
                for by in ENDED_BY
            ),
        )


@dataclass(frozen=True)
class RelayOpened(Data):
    """Tells the person that support has it, when somebody answers, and how it ends."""

    relay: str
    opens: str
    """When support answers: ``now`` while it is open, else ``today``, ``tomorrow`` or ``day``."""
    opens_at: datetime | None = None
    asked: bool = True
    """Whether there are questions that support sees."""
    again: bool = False
    """Whether it was open before."""
    over: bool = False

    @property
    def actions(self) -> tuple[Action, ...]:
        """The way out, for as long as there is one."""
        return () if self.over else (Action("relay.end", self.relay),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Open and closed, again, and over."""
        relay, at = "0f6b2c1e5a514a8f", datetime(2027, 1, 4, 7, tzinfo=UTC)
        first = (cls(relay, "now"), *(cls(relay, opens, at) for opens in ("today", "tomorrow", "day")))
        return (
            *first,
            *(replace(each, again=True) for each in first),
            cls(relay, "now", asked=False),
            cls(relay, "now", over=True),
        )


@dataclass(frozen=True)
class RelayFromPerson(Data):
    """What the person wrote, in the thread."""

    name: str
    lines: tuple[str, ...]
    relay: str = ""
    """The conversation, where support answers by the button: it is at hand here too."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Answer, where that takes a button."""
        return _reply(self.relay) if self.relay else ()

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One line, several, and with the button."""
        one, several = ("Hei!",), ("Hei!", "Koden … virker ikke.")
        return (
            cls("Solveig Bråten", one),
            cls("Solveig Bråten", several),
            cls("Solveig Bråten", several, "0f6b2c1e5a514a8f"),
        )


@dataclass(frozen=True)
class RelayAnswered(Data):
    """What somebody at support answered by the button, in the thread: the others there see it too."""

    name: str
    to: str
    """The person."""
    lines: tuple[str, ...]

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One line, and several."""
        names = ("Kari Nordmo", "Solveig Bråten")
        return (cls(*names, ("Hei!",)), cls(*names, ("Hei!", "Har du en ny telefon?")))


@dataclass(frozen=True)
class RelayReplyForm(Data):
    """Asks support what to answer."""

    relay: str
    name: str
    """The person."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """As many lines as it takes."""
        return (Field("text", FieldKind.PARAGRAPH),)

    @property
    def record(self) -> str:
        """The conversation."""
        return self.relay

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is one shape."""
        return (cls("0f6b2c1e5a514a8f", "Solveig Bråten"),)


@dataclass(frozen=True)
class RelayReplied(Data):
    """Takes the place of the form."""

    name: str
    """The person."""
    outcome: str
    """One of ``REPLIES``."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Each outcome."""
        return tuple(cls("Solveig Bråten", outcome) for outcome in REPLIES)


@dataclass(frozen=True)
class RelayFromSupport(Data):
    """What somebody at support wrote, to the person."""

    name: str
    lines: tuple[str, ...]

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One line, and several."""
        return (cls("Kari Nordmo", ("Hei!",)), cls("Kari Nordmo", ("Hei!", "Har du en ny telefon?")))


@dataclass(frozen=True)
class RelayNote(Data):
    """A word to whoever has just written."""

    reason: str
    """One of ``NOTES``."""
    name: str = ""
    """Whom it is for, in the thread; empty in the private chat."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per reason, on each side."""
        return tuple(cls(reason, name) for reason in NOTES for name in ("", "Kari Nordmo"))


@dataclass(frozen=True)
class RelayLost(Data):
    """Tells a side that something it wrote did not arrive."""

    side: str
    """Who is told: ``person`` or ``support``."""
    name: str
    """Of the person."""
    text: str
    """The beginning of what was lost; empty when the person does not even know that support has it."""
    sure: bool = True
    """False when nobody knows whether it arrived."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Either side, sure and unsure."""
        told = [
            cls(side, "Solveig Bråten", "Hei!", sure)
            for side in ("person", "support")
            for sure in (True, False)
        ]
        return (*told, cls("support", "Solveig Bråten", ""))


@dataclass(frozen=True)
class RelayEnded(Data):
    """Tells a side that the conversation is over."""

    side: str
    """Who is told: ``person`` or ``support``."""
    by: str
    """One of ``ENDED_BY``."""
    name: str = ""
    """Who ended it, if somebody did."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The person can begin another."""
        begin = self.side == "person" and self.by in ("support", "silence", "moved")
        return (Action("questions.person", ""),) if begin else ()

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Each end, told to each side."""
        names = {"person": "Solveig Bråten", "support": "Kari Nordmo"}
        return tuple(cls(side, by, names.get(by, "")) for side in ("person", "support") for by in ENDED_BY)


@dataclass(frozen=True)
class RelayTopicForm(Data):
    """Asks support what the question was about."""

    relay: str
    question: str

    @property
    def fields(self) -> tuple[Field, ...]:
        """One of all topics."""
        return (Field("topic", FieldKind.CHOICE, TOPICS),)

    @property
    def record(self) -> str:
        """The conversation."""
        return self.relay

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With the question, and after its text is gone."""
        return (cls("0f6b2c1e5a514a8f", "Koden kommer ikke"), cls("0f6b2c1e5a514a8f", ""))


@dataclass(frozen=True)
class RelayTopicSet(Data):
    """Takes the place of the form."""

    topic: str | None
    """The topic, or nothing when the question is gone."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """A topic, none of the topics, and no question."""
        return (cls("setup"), cls("off-topic"), cls(None))


def _reply(relay: str) -> tuple[Action, ...]:
    return (Action("relay.reply", relay, Look.PRIMARY, opens_form=True),)
