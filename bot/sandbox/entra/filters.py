"""Reads and applies ``$filter``: the part of OData that the product and its tests meet."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import eq, ge, le

from bot.sandbox.entra.refusals import Refusal, unsupported_query

Fields = Mapping[str, object]
Test = Callable[[Fields], bool]

_TOKEN = re.compile(r"\s*(\d{4}-\d\d-\d\dT[\d:.]+Z|'(?:[^']|'')*'|[A-Za-z_][\w/]*|[(),:]|\S)")
_COMPARISONS = ("eq", "ne", "in")
_OF_MOMENTS: Mapping[str, Callable[[datetime, datetime], bool]] = {"ge": ge, "le": le, "eq": eq}
_FUNCTIONS = ("startswith", "endswith")


@dataclass(frozen=True)
class Rules:
    """What a collection lets one filter by, and what of it only in an advanced query."""

    plain: frozenset[str]
    advanced: frozenset[str] = frozenset()
    ends_with: frozenset[str] = frozenset()
    moments: frozenset[str] = frozenset()
    """Times, which are compared and stand without quotes."""


@dataclass(frozen=True)
class Filter:
    """A condition on rows."""

    test: Test
    advanced: bool


def parse(text: str, rules: Rules) -> Filter:
    """The condition that the text means. ``Refusal`` for what Graph would not understand."""
    reader = _Reader(text, rules)
    test = reader.either()
    reader.end()
    return Filter(test, reader.advanced)


class _Reader:
    def __init__(self, text: str, rules: Rules) -> None:
        self._tokens = [match.group(1) for match in _TOKEN.finditer(text)]
        self._at = 0
        self._rules = rules
        self.advanced = False

    def either(self) -> Test:
        tests = [self._both()]
        while self._take("or"):
            tests.append(self._both())
        return lambda fields: any(test(fields) for test in tests)

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise _unreadable()

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("and"):
            tests.append(self._one())
        return lambda fields: all(test(fields) for test in tests)

    def _one(self) -> Test:
        if self._take("not"):
            self.advanced = True
            test = self._one()
            return lambda fields: not test(fields)
        if self._take("("):
            inner = self.either()
            self._expect(")")
            return inner
        name = self._next()
        if name.lower() in _FUNCTIONS and self._take("("):
            return self._function(name.lower())
        if name.endswith("/any"):
            return self._any(name.removesuffix("/any"))
        return self._comparison(name, name)

    def _function(self, function: str) -> Test:
        name = self._next()
        self._allow(name)
        self._expect(",")
        wanted = self._literal()
        self._expect(")")
        if function == "endswith":
            self.advanced = True
            if name not in self._rules.ends_with:
                raise unsupported_query(f"Operator 'endsWith' is not supported for property '{name}'.")
            return lambda fields: _lower(fields.get(name)).endswith(_lower(wanted))
        return lambda fields: _lower(fields.get(name)).startswith(_lower(wanted))

    def _any(self, name: str) -> Test:
        self._allow(name)
        self._expect("(")
        variable = self._next()
        self._expect(":")
        if self._next() != variable:
            raise _unreadable()
        test = self._comparison(name, variable)
        self._expect(")")

        def found(fields: Fields) -> bool:
            entries = fields.get(name)
            return isinstance(entries, list) and any(test({name: entry}) for entry in entries)

        return found

    def _comparison(self, name: str, shown: str) -> Test:
        if name in self._rules.moments:
            return self._moment(name)
        self._allow(name)
        operator = self._next()
        if operator not in _COMPARISONS:
            raise Refusal(400, "BadRequest", f"Invalid filter clause: Syntax error at '{shown}'.")
        if operator == "in":
            wanted = [_lower(value) for value in self._literals()]
            return lambda fields: _lower(fields.get(name)) in wanted
        value = _lower(self._literal())
        if operator == "ne":
            self.advanced = True
            return lambda fields: _lower(fields.get(name)) != value
        return lambda fields: _lower(fields.get(name)) == value

    def _moment(self, name: str) -> Test:
        compare, told = _OF_MOMENTS.get(self._next()), self._next()
        try:
            wanted = datetime.fromisoformat(told)
        except ValueError:
            raise _unreadable() from None
        if compare is None:
            raise _unreadable()
        return lambda fields: compare(datetime.fromisoformat(str(fields[name])), wanted)

    def _allow(self, name: str) -> None:
        if name in self._rules.advanced:
            self.advanced = True
        elif name not in self._rules.plain:
            raise unsupported_query(
                f"Unsupported or invalid query filter clause specified for property '{name}'."
            )

    def _literals(self) -> list[object]:
        self._expect("(")
        found = [self._literal()]
        while self._take(","):
            found.append(self._literal())
        self._expect(")")
        return found

    def _literal(self) -> object:
        token = self._next()
        if token.startswith("'") and len(token) > 1:
            return token[1:-1].replace("''", "'")
        constants: dict[str, object] = {"true": True, "false": False, "null": None}
        if token not in constants:
            raise _unreadable()
        return constants[token]

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise _unreadable()
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise _unreadable()


def _unreadable() -> Refusal:
    return Refusal(400, "BadRequest", "Invalid filter clause")


def _lower(value: object) -> str:
    return str(value).lower()
