"""Jinja for templates: compiles one string of a template into a function from values to text or blocks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, Undefined, UndefinedError, meta, nodes

from bot.render import markdown
from bot.render.front import BrokenTemplate
from bot.render.message import Block
from bot.render.values import clean, shelter

Values: TypeAlias = Mapping[str, object]
Text: TypeAlias = Callable[[Values], str]
Blocks: TypeAlias = Callable[[Values], tuple[Block, ...]]

SETTINGS = ("organisation", "links")
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
        self._plain = self._environment(_printed, filters)
        self._optional = self._environment(lambda value: "" if value is None else _printed(value), filters)
        self._markdown = self._environment(lambda value: shelter(_printed(value)), filters)

    def text(self, source: str, place: Place, *, optional: bool = False) -> Text:
        """Plain text on one line. With ``optional``, a setting that is not set prints as nothing."""
        render = self._compiled(self._optional if optional else self._plain, source, place)
        return lambda values: clean(render(values))

    def blocks(self, source: str, place: Place) -> Blocks:
        """Markdown. Its constructs are checked here, in every branch; ``BrokenTemplate`` names file and line."""
        self._check_constructs(source, place)
        render = self._compiled(self._markdown, source, place)

        def blocks(values: Values) -> tuple[Block, ...]:
            try:
                return markdown.parse(render(values))
            except markdown.Refused as refused:
                raise place.broken(f"{refused.what} cannot be used here") from None

        return blocks

    def _environment(
        self, finalize: Callable[[object], str], filters: Mapping[str, Callable[..., str]]
    ) -> Environment:
        environment = Environment(
            undefined=StrictUndefined,
            finalize=finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # noqa: S701 – not HTML: values are sheltered here, each renderer escapes for its platform
        )
        environment.globals = dict(self._known)
        environment.filters.update(filters)
        return environment

    def _compiled(self, environment: Environment, source: str, place: Place) -> Text:
        if "{" not in source:
            return lambda _: source
        try:
            tree = environment.parse(source)
            self._check_names(tree, place)
            template = environment.from_string(tree)
        except TemplateSyntaxError as error:
            raise place.broken(error.message or "not Jinja", error.lineno) from None

        def render(values: Values) -> str:
            try:
                return template.render(values)
            except (UndefinedError, _Unprintable) as error:
                raise place.broken(str(error)) from None

        return render

    def _check_names(self, tree: nodes.Template, place: Place) -> None:
        unknown = meta.find_undeclared_variables(tree) - self._known.keys() - place.names
        if unknown:
            raise place.broken(f"“{min(unknown)}” is not a name that this template knows")
        for statement in _statements(tree.body):
            if not isinstance(statement, _STATEMENTS):
                raise place.broken(f"{type(statement).__name__} cannot be used here", statement.lineno)
        for access in tree.find_all(nodes.Getattr):
            owner = access.node.name if isinstance(access.node, nodes.Name) else ""
            settings = self._known[owner] if owner in SETTINGS else None
            if isinstance(settings, Mapping) and access.attr not in settings:
                raise place.broken(f"there is no setting {owner}.{access.attr}", access.lineno)

    def _check_constructs(self, source: str, place: Place) -> None:
        try:
            text, lines = _without_values(self._markdown, source)
        except TemplateSyntaxError as error:
            raise place.broken(error.message or "not Jinja", error.lineno) from None
        try:
            markdown.parse(text)
        except markdown.Refused as refused:
            line = lines[min(refused.line, len(lines) - 1)]
            raise place.broken(f"{refused.what} cannot be used here", line) from None


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
