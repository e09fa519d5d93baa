"""One template of one language, ready to put a message's data into words."""

import dataclasses
from collections.abc import Mapping

from bot.render.compiler import Blocks, Compiler, Place, Text, Values
from bot.render.front import FieldWords, Source
from bot.render.message import Button, Code, Fact, Input, Message, Option
from bot.render.values import clean
from handlers.messages import Action, Data, Field


@dataclasses.dataclass(frozen=True)
class _Fact:
    label: Text
    value: Text


@dataclasses.dataclass(frozen=True)
class _Field:
    label: Text
    hint: Text
    options: Mapping[str, Text]
    problems: Mapping[str, Text]


class Template:
    """The words of one message, or of one answer."""

    def __init__(
        self, source: Source, compiler: Compiler, names: frozenset[str], shared: Mapping[str, Text]
    ) -> None:
        front = source.front
        self._compiler = compiler
        self._place = Place(source.file, line=source.body_line, names=names)
        self.title = self._text(front.title, "title")
        """The title alone, from the values it speaks of."""
        self._body: Blocks = compiler.blocks(source.body, self._place)
        self._details: Blocks = compiler.blocks(front.details, self._at("details"))
        self._facts = [
            _Fact(
                self._text(fact.label, f"facts.{number}"),
                compiler.text(fact.value, self._at(f"facts.{number}"), optional=True),
            )
            for number, fact in enumerate(front.facts)
        ]
        own = {
            name: compiler.text(
                label, dataclasses.replace(self._at(f"actions.{name}"), names=names | {"record"})
            )
            for name, label in front.actions.items()
        }
        self._labels = {**shared, **own}
        self._fields = {name: self._field(name, words) for name, words in front.fields.items()}
        self._codes = [
            (self._text(code.label, f"codes.{number}"), code.address)
            for number, code in enumerate(front.codes)
        ]
        self._submit = self._text(front.submit, "submit")
        self._close = self._text(front.close, "close")

    def message(self, data: Data) -> Message:
        """The message in words. Raises ``BrokenTemplate``."""
        values = {field.name: getattr(data, field.name) for field in dataclasses.fields(data)}
        message = Message(
            title=self.title(values),
            body=self._body(values),
            facts=tuple(
                Fact(fact.label(values), value) for fact in self._facts if (value := fact.value(values))
            ),
            actions=tuple(self._button(action, values) for action in data.actions),
            fields=tuple(self._input(field, values) for field in data.fields),
            submit=self._submit(values),
            close=self._close(values),
            details=self._details(values),
            codes=tuple(Code(label(values), address) for label, address in self._codes),
        )
        if not message.title and not message.body:
            raise self._place.broken("says nothing, neither title nor text, for some data")
        if message.fields and not message.submit and not message.actions:
            raise self._at("submit").broken("a form needs the label of its button")
        return message

    def _button(self, action: Action, values: Values) -> Button:
        label = self._labels.get(action.name)
        if label is None:
            raise self._at("actions").broken(f"there is no label for “{action.name}”")
        said = label({**values, "record": action.record})
        return Button(action.name, action.record, said, action.look, action.url, action.opens_form)

    def _input(self, field: Field, values: Values) -> Input:
        place = self._at(f"fields.{field.name}")
        words = self._fields.get(field.name)
        if words is None:
            raise place.broken("there is no label for this input")
        missing = [option for option in field.options if option not in words.options]
        if missing:
            raise place.broken(f"there are no words for the option “{missing[0]}”")
        if field.problem is not None and field.problem not in words.problems:
            raise place.broken(f"there are no words for the problem “{field.problem}”")
        return Input(
            name=field.name,
            kind=field.kind,
            label=words.label(values),
            hint=words.hint(values),
            options=tuple(Option(option, words.options[option](values)) for option in field.options),
            required=field.required,
            value=clean(field.value),
            problem=words.problems[field.problem](values) if field.problem is not None else "",
        )

    def _field(self, name: str, words: FieldWords) -> _Field:
        key = f"fields.{name}"
        return _Field(
            self._text(words.label, key),
            self._text(words.hint, key),
            {option: self._text(label, key) for option, label in words.options.items()},
            {problem: self._text(text, key) for problem, text in words.problems.items()},
        )

    def _text(self, source: str, key: str) -> Text:
        return self._compiler.text(source, self._at(key))

    def _at(self, key: str) -> Place:
        return dataclasses.replace(self._place, key=key)
