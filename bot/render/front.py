"""The files of ``templates/`` as they are written: front matter, body, shared labels. Read, checked, not yet words."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.render.dates import Patterns


class BrokenTemplate(Exception):
    """A template cannot be used. The text is one sentence with file, line and reason."""

    def __init__(self, file: str, reason: str, line: int | None = None) -> None:
        at = f", line {line}" if line is not None else ""
        super().__init__(f"templates/{file}{at}: {reason}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FactWords(_Part):
    """One row of the table under a text."""

    label: str
    value: str


class FieldWords(_Part):
    """The words around one input."""

    label: str
    hint: str = ""
    options: dict[str, str] = Field(default_factory=dict)
    problems: dict[str, str] = Field(default_factory=dict)


class CodeWords(_Part):
    """A QR code on a web page: the words below it, and the address that it opens."""

    label: str
    address: str = Field(pattern=r"^https://[^\s{}]+$")


class Dated(_Part):
    """A fact that ages: where it comes from, how old that is, and when it stops being true."""

    fact: str
    source: str
    date: str = Field(pattern=r"^\d{4}-\d{2}$")
    expires: dt.date | None = None


class Front(_Part):
    """What stands above the text of a template."""

    title: str = ""
    actions: dict[str, str] = Field(default_factory=dict)
    facts: list[FactWords] = Field(default_factory=list)
    fields: dict[str, FieldWords] = Field(default_factory=dict)
    submit: str = ""
    close: str = ""
    details: str = ""
    codes: list[CodeWords] = Field(default_factory=list)
    source: str = ""
    dated: list[Dated] = Field(default_factory=list)


class PageWords(_Part):
    """The words around a message on a web page."""

    site: str
    more: str
    language: str
    """What the language calls itself."""
    languages: str
    """Names the links to the other languages, for whoever does not see them."""
    photo: str
    """What the photo of a person is, for whoever does not see it."""


class CommandWords(_Part):
    """One line of the list of commands: what it makes people say, and what that does."""

    say: str
    does: str


class CommandsWords(_Part):
    """The commands that a platform offers to whoever begins to write. What they say is what people say anyway."""

    help: CommandWords
    setup: CommandWords
    lost_phone: CommandWords
    new_phone: CommandWords
    person: CommandWords
    colleague: CommandWords
    language: CommandWords


class AppWords(_Part):
    """How the platforms present the bot: its names, what it is for, and its commands."""

    name: str
    full: str
    summary: str
    about: str
    command: str
    """What the slash command is for."""
    hint: str
    """What is written after the slash command."""
    commands: CommandsWords


class Labels(_Part):
    """``labels.yaml``: what the messages of one language share."""

    locale: str
    dates: Patterns
    actions: dict[str, str]
    page: PageWords
    app: AppWords


@dataclass(frozen=True)
class Source:
    """One template file, taken apart."""

    file: str
    front: Front
    body: str
    body_line: int
    """The line on which the body begins, from 1."""


_Model = TypeVar("_Model", bound=BaseModel)


def read_source(folder: Path, file: str) -> Source:
    """Take a template apart. Raises ``BrokenTemplate``."""
    text = _read(folder, file)
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].strip() != "---":
        raise BrokenTemplate(file, "begins with a line of three hyphens and the front matter", 1)
    ends = [number for number, line in enumerate(lines) if number and line.strip() == "---"]
    if not ends:
        raise BrokenTemplate(file, "the front matter has no end: a line of three hyphens")
    front = _model(Front, file, "".join(lines[1 : ends[0]]), offset=1)
    return Source(file, front, "".join(lines[ends[0] + 1 :]), ends[0] + 2)


def read_labels(folder: Path, language: str) -> Labels:
    """Read the shared labels of a language. Raises ``BrokenTemplate``."""
    file = f"{language}/labels.yaml"
    return _model(Labels, file, _read(folder, file), offset=0)


def _read(folder: Path, file: str) -> str:
    try:
        return (folder / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BrokenTemplate(file, "is missing") from None
    except UnicodeDecodeError:
        raise BrokenTemplate(file, "is not UTF-8") from None


@cache
def _yaml(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text) or {}


def _model(model: type[_Model], file: str, text: str, offset: int) -> _Model:
    try:
        return model.model_validate(_yaml(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 + offset if error.problem_mark else None
        raise BrokenTemplate(file, f"not YAML: {error.problem}", line) from None
    except YAMLError:
        raise BrokenTemplate(file, "not YAML") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "front matter"
        raise BrokenTemplate(file, f"{where}: {first['msg']}") from None
