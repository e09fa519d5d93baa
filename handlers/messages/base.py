"""What a message is made of, before it has words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Language(StrEnum):
    """The languages of everything a person sees."""

    EN = "en"
    NB = "nb"
    NN = "nn"


class Look(StrEnum):
    """How much weight a button has."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True)
class Action:
    """A button: what it does and to which record. Its label stands in the template under ``name``."""

    name: str
    record: str
    look: Look = Look.PLAIN
    url: str = ""
    """An address below ``web.public_url`` that the button opens; only chat has such buttons."""
    opens_form: bool = False
    """Whether a press is answered with a form: some platforms have to know before it is pressed."""


class FieldKind(StrEnum):
    """What can be filled in."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    """Text of several lines."""
    EMAIL = "email"
    """An e-mail address: browsers and phones offer one's own."""
    CHECKS = "checks"
    CHOICE = "choice"
    PERSON = "person"
    """Somebody in the same chat, by user id; only forms in chat have it."""


@dataclass(frozen=True)
class Field:
    """An input of a form. Labels of it and of its options stand in the template under ``name``."""

    name: str
    kind: FieldKind = FieldKind.TEXT
    options: tuple[str, ...] = ()
    required: bool = True
    value: str = ""
    problem: str | None = None
    """The name of what is wrong with the value sent in; its words stand in the template."""


@dataclass(frozen=True)
class Data:
    """The base of every message. Fields hold plain values: text, numbers, times, states, tuples of these."""

    @property
    def template(self) -> str:
        """The template below ``templates/<language>/``, without its ending."""
        return f"messages/{name_of(type(self))}"

    @property
    def actions(self) -> tuple[Action, ...]:
        """The buttons, in order."""
        return ()

    @property
    def fields(self) -> tuple[Field, ...]:
        """The inputs, when this message is a form or a page with one."""
        return ()

    @property
    def record(self) -> str:
        """What a form is about: comes back as ``Submitted.record``."""
        return ""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Typical values, one of each shape: for previews, and for the tests of every renderer."""
        raise NotImplementedError(cls.__name__)


def name_of(message: type[Data]) -> str:
    """``ApprovalCard`` → ``approval_card``: the name of a message in templates and rows."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", message.__name__).lower()


def all_messages() -> Iterator[type[Data]]:
    """Every message class there is, by name."""
    yield from sorted(Data.__subclasses__(), key=name_of)
