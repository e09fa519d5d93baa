"""The card of a guide: one message that changes in place, step by step."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

from handlers.messages.base import Action, Data, Look
from handlers.setup.ending import Outcome
from handlers.setup.steps import At, Device, Guide, Press, Step, View, count, number, offered

_SPOT: Final = "setup:scan:7:1f2e3d4c"
_ORDER: Final = (
    Press.IPHONE,
    Press.ANDROID,
    Press.NEXT,
    Press.RETURN,
    Press.RESUME,
    Press.LOOK,
    Press.AGAIN,
    Press.BACK,
    Press.STUCK,
    Press.STOP,
)
_FORWARD: Final = frozenset({Press.NEXT, Press.RETURN, Press.RESUME, Press.LOOK})
"""What most people press next."""


@dataclass(frozen=True)
class SetupStep(Data):
    """One thing to do; at the beginning, the question which phone it is."""

    spot: str
    """What the buttons are about: guide, step, count of moves and mark of the card."""
    guide: Guide
    step: Step
    device: Device | None
    number: int
    """Which step it is, from 1; 0 for the question."""
    count: int
    """How many steps there are."""
    arrived: bool = False
    """Whether a new phone has just been seen, so that the old one may go."""
    found: str = ""
    """What its owner calls the method that stays."""
    reading: bool = False
    """Whether it stands on a page that everybody can read, where nothing is remembered or looked up."""

    @classmethod
    def of(cls, spot: str, at: At, *, arrived: bool = False, found: str = "") -> Self:
        """The card of a place in a guide."""
        return cls(spot, at.guide, at.step, at.device, number(at), count(at.guide), arrived, found)

    @property
    def actions(self) -> tuple[Action, ...]:
        """On, back, help, and a way out."""
        at = At(self.guide, self.step, View.STEP, self.device)
        buttons = list(_buttons(self.spot, offered(at)))
        if self.step is Step.DEVICE:
            buttons.insert(2, Action("questions.topic", "no-smartphone"))
        return tuple(buttons)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Every step of every guide, with both kinds of phone."""
        telephones = [
            cls.of(_SPOT, At(guide, step, device=device))
            for guide in (Guide.SETUP, Guide.NEW_PHONE)
            for step in (Step.APP, Step.PAGE, Step.ADD, Step.SCAN, Step.TEST)
            for device in Device
        ]
        return (
            cls.of(_SPOT, At(Guide.SETUP, Step.DEVICE)),
            replace(cls.of("", At(Guide.SETUP, Step.DEVICE)), reading=True),
            replace(cls.of("", At(Guide.SETUP, Step.TEST, device=Device.IPHONE)), reading=True),
            cls.of(_SPOT, At(Guide.NEW_PHONE, Step.DEVICE)),
            *telephones,
            cls.of(_SPOT, At(Guide.REMOVE_OLD, Step.REMOVE)),
            cls.of(_SPOT, At(Guide.REMOVE_OLD, Step.REMOVE), arrived=True),
            cls.of(_SPOT, At(Guide.REMOVE_OLD, Step.REMOVE), arrived=True, found="Pixel 9"),
        )


@dataclass(frozen=True)
class SetupStuck(Data):
    """What helps with exactly this step on this kind of phone, and the way to a person."""

    spot: str
    guide: Guide
    step: Step
    device: Device | None = None
    reading: bool = False
    """As in ``SetupStep``."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Back to the step, or a person."""
        return (*_buttons(self.spot, (Press.RETURN,)), Action("questions.person", self.step))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Every step that one can be stuck at."""
        steps = (Step.APP, Step.PAGE, Step.ADD, Step.SCAN, Step.TEST, Step.DONE)
        return (
            *(cls(_SPOT, Guide.SETUP, step, device) for step in steps for device in Device),
            cls("", Guide.SETUP, Step.PAGE, Device.IPHONE, reading=True),
            cls(_SPOT, Guide.NEW_PHONE, Step.PAGE, Device.IPHONE),
            cls(_SPOT, Guide.REMOVE_OLD, Step.REMOVE),
            cls(_SPOT, Guide.REMOVE_OLD, Step.DONE),
        )


@dataclass(frozen=True)
class SetupLook(Data):
    """The bot looks in Graph, which takes a moment."""

    spot: str
    guide: Guide
    step: Step

    @property
    def actions(self) -> tuple[Action, ...]:
        """Look again, should nothing come of it."""
        buttons = _buttons(self.spot, offered(At(self.guide, self.step, View.LOOK)))
        return tuple(Action(button.name, button.record) for button in buttons)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """At the end of each guide, and before anything is removed."""
        return (
            *(cls(_SPOT, guide, Step.DONE) for guide in Guide),
            cls(_SPOT, Guide.REMOVE_OLD, Step.REMOVE),
        )


@dataclass(frozen=True)
class SetupEnd(Data):
    """What the look has shown."""

    spot: str
    guide: Guide
    step: Step
    outcome: Outcome
    method: str = ""
    """What the owner calls the method it is about."""
    app: bool = False
    """Whether that is Microsoft Authenticator."""
    spare: bool = False
    """Whether there is another method besides."""
    missing: str = ""
    """What is missing before the activation day, as in ``Progress``."""
    recovery_url: str = ""
    """Where to make a recovery code; empty where nobody can sign in to make one."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """What to do about it."""
        person = Action("questions.person", self.step)
        match self.outcome:
            case Outcome.DONE:
                spare = () if self.spare else (Action("questions.topic", "backup-method", Look.PRIMARY),)
                saved = (Action("links.recovery", "", url=self.recovery_url),) if self.recovery_url else ()
                return (*spare, *saved)
            case Outcome.ALREADY:
                return (
                    Action("setup.start", Guide.NEW_PHONE, Look.PRIMARY),
                    *_plain(self.spot, (Press.RESUME if self.step is Step.DEVICE else Press.LOOK,)),
                )
            case Outcome.ONLY_ONE:
                return (
                    Action("setup.start", Guide.NEW_PHONE, Look.PRIMARY),
                    Action("questions.topic", "lost-phone"),
                    person,
                )
            case Outcome.NOTHING_OLD:
                return (Action("setup.start", Guide.SETUP, Look.PRIMARY), person)
            case Outcome.NO_ACCOUNT:
                return (person, *_plain(self.spot, (Press.BACK,) if self.step is Step.DONE else ()))
            case _:
                at = At(self.guide, self.step, View.END)
                return (*_buttons(self.spot, self._looking(at)), person)

    def _looking(self, at: At) -> tuple[Press, ...]:
        return tuple(press for press in offered(at) if press is not Press.STOP)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Every outcome that each guide can have."""
        new = (Outcome.DONE, "Pixel 9", True)
        setup = (_SPOT, Guide.SETUP, Step.DONE)
        moved = (_SPOT, Guide.NEW_PHONE, Step.DONE)
        gate, removed = (_SPOT, Guide.REMOVE_OLD, Step.REMOVE), (_SPOT, Guide.REMOVE_OLD, Step.DONE)
        lacking = ("nothing", "everything", "only-telecom", "only-email")
        unseen = (Outcome.NO_ACCOUNT, Outcome.NO_ANSWER, Outcome.TOO_SOON)
        return (
            cls(*setup, *new),
            cls(*setup, *new, spare=True),
            cls(*setup, *new, spare=True, recovery_url="https://hjelp.fjordheim.example/case/recovery"),
            cls(*setup, Outcome.DONE, "YubiKey 5 NFC"),
            cls(*setup, Outcome.DONE),
            cls(_SPOT, Guide.SETUP, Step.DEVICE, Outcome.ALREADY, "iPhone 13", app=True),
            cls(_SPOT, Guide.SETUP, Step.DEVICE, Outcome.ALREADY, app=True),
            cls(*setup, Outcome.ALREADY, "iPhone 13", app=True),
            *(cls(*setup, Outcome.NOT_YET, missing=it) for it in lacking),
            cls(*moved, *new),
            cls(*moved, Outcome.NOT_YET, "iPhone 13", app=True, missing="nothing"),
            cls(*moved, Outcome.NOT_YET, missing="everything"),
            cls(*gate, Outcome.ONLY_ONE, "iPhone 13", app=True),
            cls(*gate, Outcome.NOTHING_OLD),
            cls(*removed, *new),
            cls(*removed, *new, spare=True),
            cls(*removed, Outcome.MAY_REMOVE, "Pixel 9", app=True),
            cls(*removed, Outcome.ONLY_ONE),
            *(cls(*spot, outcome) for spot in (setup, moved, gate, removed) for outcome in unseen),
        )


@dataclass(frozen=True)
class SetupPause(Data):
    """The guide waits."""

    spot: str
    guide: Guide
    step: Step
    kind: str
    """``stopped``, ``again`` (begun anew while it waited), ``finished``, or ``moved`` (it goes on further down)."""
    number: int
    """Which step it waits at, as in ``SetupStep``; one more than there are for the look at the end."""
    count: int

    @classmethod
    def of(cls, spot: str, at: At, kind: str) -> Self:
        """The card of a place in a guide."""
        return cls(spot, at.guide, at.step, kind, number(at), count(at.guide))

    @property
    def actions(self) -> tuple[Action, ...]:
        """Go on, or from the beginning."""
        if self.kind == "moved":
            return ()
        if self.kind == "finished":
            return _plain(self.spot, (Press.AGAIN,))
        return tuple(_buttons(self.spot, (Press.RESUME, Press.AGAIN)))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Each kind, at the beginning, in the midst and at the end."""
        steps = (Step.DEVICE, Step.SCAN, Step.DONE)
        return (
            *(cls.of(_SPOT, At(Guide.SETUP, step), kind) for step in steps for kind in ("stopped", "again")),
            cls.of(_SPOT, At(Guide.REMOVE_OLD, Step.REMOVE), "stopped"),
            cls.of(_SPOT, At(Guide.REMOVE_OLD, Step.DONE), "finished"),
            cls.of(_SPOT, At(Guide.NEW_PHONE, Step.SCAN), "moved"),
        )


def _buttons(spot: str, presses: Iterable[Press]) -> Iterable[Action]:
    wanted = set(presses)
    devices = {Press.IPHONE, Press.ANDROID}
    for press in _ORDER:
        if press in wanted:
            look = Look.PRIMARY if press in _FORWARD | devices else Look.PLAIN
            yield Action(f"setup.{press}", spot, look)


def _plain(spot: str, presses: Iterable[Press]) -> tuple[Action, ...]:
    return tuple(Action(f"setup.{press}", spot) for press in presses)
