"""Jinja for templates: compiles one string of a template into a function from values to text or blocks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Final, TypeAlias

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, Undefined, UndefinedError, meta, nodes
from jinja2 import Template as Compiled

from bot.render import markdown
from bot.render.front import BrokenTemplate
from bot.render.message import Block
from bot.render.values import clean, shelter

Values: TypeAlias = Mapping[str, object]
Text: TypeAlias = Callable[[Values], str]
Blocks: TypeAlias = Callable[[Values], tuple[Block, ...]]

Finalize: TypeAlias = Callable[[object], str]

SETTINGS: Final = ("organisation", "links")
_SETTING = "https://x"
_STATEMENTS = (nodes.If, nodes.For, nodes.Assign, nodes.Output)


@dataclass(frozen=True)
class Place:
    """Where a string stands, for the sentence about what is wrong with it."""

    file: str
    key: str = ""
    line: int = 1
    names: frozenset[str] = frozenset()
    """What the string may speak of, besides the names that every template knows."""

    def broken(self, reason: str, line: int | None = None) -> BrokenTemplate:
        """The error to raise. ``line`` counts from 1 within the string."""
        if self.key:
            return BrokenTemplate(self.file, f"{self.key}: {reason}")
        return BrokenTemplate(self.file, reason, None if line is None else self.line + line - 1)


class _Unprintable(Exception):
    """Something that is no text was to be printed."""


class Compiler:
    """Compiles the strings of one language."""

    def __init__(self, known: Mapping[str, object], filters: Mapping[str, Callable[..., str]]) -> None:
        self._known = known
        self._filters = frozenset(filters)
        self._environments = {finalize: _environment(finalize, filters) for finalize in _FINALIZERS}

    def text(self, source: str, place: Place, *, optional: bool = False) -> Text:
        """Plain text on one line. With ``optional``, a setting that is not set prints as nothing."""
        render = self._compiled(_printed_if_set if optional else _printed, source, place)
        return lambda values: clean(render(values))

    def blocks(self, source: str, place: Place) -> Blocks:
        """Markdown. Its constructs are checked here, in every branch; ``BrokenTemplate`` names file and line."""
        try:
            refused = _refused(source)
        except TemplateSyntaxError as error:
            raise place.broken(error.message or "not Jinja", error.lineno) from None
        if refused is not None:
            what, line = refused
            raise place.broken(f"{what} cannot be used here", line)
        render = self._compiled(_sheltered, source, place)

        def blocks(values: Values) -> tuple[Block, ...]:
            try:
                return markdown.parse(render(values))
            except markdown.Refused as refused:
                raise place.broken(f"{refused.what} cannot be used here") from None

        return blocks

    def _compiled(self, finalize: Finalize, source: str, place: Place) -> Text:
        if "{" not in source:
            return lambda _: source
        try:
            parsed = _parsed(source, finalize, self._filters)
        except TemplateSyntaxError as error:
            raise place.broken(error.message or "not Jinja", error.lineno) from None
        self._check(parsed, place)
        template = Compiled.from_code(self._environments[finalize], parsed.code, dict(self._known))

        def render(values: Values) -> str:
            try:
                return template.render(values)
            except (UndefinedError, _Unprintable) as error:
                raise place.broken(str(error)) from None

        return render

    def _check(self, parsed: "_Parsed", place: Place) -> None:
        unknown = parsed.names - self._known.keys() - place.names
        if unknown:
            raise place.broken(f"“{min(unknown)}” is not a name that this template knows")
        if parsed.unusable is not None:
            statement, line = parsed.unusable
            raise place.broken(f"{statement} cannot be used here", line)
        for owner, name, line in parsed.settings:
            settings = self._known[owner]
            if isinstance(settings, Mapping) and name not in settings:
                raise place.broken(f"there is no setting {owner}.{name}", line)


@dataclass(frozen=True)
class _Parsed:
    """What one string of a template is and speaks of, whatever the settings are."""

    code: CodeType
    names: frozenset[str]
    settings: tuple[tuple[str, str, int], ...]
    """Section, name and line of each setting."""
    unusable: tuple[str, int] | None
    """The first statement that no template may use, and its line."""


# Compiling is most of the work of a start. The strings of a folder are compiled once, however often they are
# read again with other settings.
@cache
def _parsed(source: str, finalize: Finalize, filters: frozenset[str]) -> _Parsed:
    environment = _environment(finalize, dict.fromkeys(filters, str))
    tree = environment.parse(source)
    statements = _statements(tree.body)
    return _Parsed(
        environment.compile(tree),
        frozenset(meta.find_undeclared_variables(tree)),
        tuple(
            (access.node.name, access.attr, access.lineno)
            for access in tree.find_all(nodes.Getattr)
            if isinstance(access.node, nodes.Name) and access.node.name in SETTINGS
        ),
        next(
            ((type(each).__name__, each.lineno) for each in statements if not isinstance(each, _STATEMENTS)),
            None,
        ),
    )


@cache
def _refused(source: str) -> tuple[str, int] | None:
    """The first construct of Markdown that cannot be used, in any branch, and its line."""
    text, lines = _without_values(_environment(_sheltered, {}), source)
    try:
        markdown.parse(text)
    except markdown.Refused as refused:
        return refused.what, lines[min(refused.line, len(lines) - 1)]
    return None


def _environment(finalize: Finalize, filters: Mapping[str, Callable[..., str]]) -> Environment:
    environment = Environment(
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 – not HTML: values are sheltered here, each renderer escapes for its platform
    )
    environment.filters.update(filters)
    return environment


def _statements(body: Iterable[nodes.Node]) -> Iterable[nodes.Node]:
    for node in body:
        yield node
        if isinstance(node, nodes.If):
            yield from _statements([*node.body, *node.elif_, *node.else_])
        elif isinstance(node, nodes.For):
            yield from _statements([*node.body, *node.else_])


def _without_values(environment: Environment, source: str) -> tuple[str, list[int]]:
    """The text of all branches, one after the other, and for each of its lines the line of ``source``."""
    pieces = list(_pieces(environment, source))
    lines: list[int] = []
    begins = True
    for first, piece in pieces:
        for number, row in enumerate(piece.splitlines(keepends=True), first):
            if begins:
                lines.append(number)
            begins = row.endswith("\n")
    return "".join(piece for _, piece in pieces), lines or [1]


def _pieces(environment: Environment, source: str) -> Iterator[tuple[int, str]]:
    """The written text, with ``_SETTING`` for a printed setting and ``FOREIGN`` for another printed value."""
    printed: list[str] | None = None
    for line, kind, value in environment.lex(source):
        if kind == "variable_begin":
            printed = []
        elif kind == "variable_end":
            yield line, _SETTING if printed and printed[0] in SETTINGS else markdown.FOREIGN
            printed = None
        elif printed is not None and kind != "whitespace":
            printed.append(value)
        elif kind == "data":
            yield line, value


def _printed(value: object) -> str:
    if isinstance(value, Undefined):
        return str(value)  # StrictUndefined raises, naming what is undefined
    if value is None:
        raise _Unprintable("prints a value that is not set; branch on it first")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Unprintable(f"prints a {type(value).__name__}; use a filter")
    return clean(str(value))


def _printed_if_set(value: object) -> str:
    return "" if value is None else _printed(value)


def _sheltered(value: object) -> str:
    return shelter(_printed(value))


_FINALIZERS: Final[tuple[Finalize, ...]] = (_printed, _printed_if_set, _sheltered)
