"""Puts messages into words: reads all of ``templates/`` at the start, and refuses to start on a broken one."""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from pathlib import Path

from babel import Locale

from bot.render.compiler import Compiler, Place
from bot.render.dates import Dates, Patterns
from bot.render.front import AppWords, BrokenTemplate, Dated, PageWords, read_labels, read_source
from bot.render.message import Message
from bot.render.template import Template
from handlers.messages import Answer, Data, Language, all_messages, name_of

ENDING = ".md.j2"


class Words:
    """All the words there are.

    ``organisation`` and ``links`` are the settings of those names, the first as said in a language; one that is
    not set is none there. ``links.help`` is our own page below ``public_url``.
    The constructor raises ``BrokenTemplate`` when a template does not parse, speaks of a name or setting that does
    not exist, lacks a label for a button, input or problem of its message's examples, or lacks its like in another
    language.
    """

    def __init__(
        self,
        folder: Path,
        organisation: Mapping[Language, Mapping[str, object]],
        links: Mapping[str, object],
        own_telecom: bool,  # noqa: FBT001 – the setting of that name
        zone: tzinfo,
        public_url: str = "http://127.0.0.1:8080",
    ) -> None:
        known = {
            "links": {**links, "help": f"{public_url}/help"},
            "own_telecom": own_telecom,
            "zone": str(zone),
        }
        self._languages = {
            language: _Vocabulary(folder, language, {**known, "organisation": organisation[language]}, zone)
            for language in Language
        }
        self._check_complete()
        for language in Language:
            for data in _examples(self.topics()):
                self.message(data, language)

    def message(self, data: Data, language: Language) -> Message:
        """The words of a message. Raises ``BrokenTemplate`` for data of a shape that no example has."""
        return self._languages[language].template(data.template).message(data)

    def page(self, language: Language) -> PageWords:
        """The words around a message on a web page."""
        return self._languages[language].page

    def dates(self, language: Language) -> Dates:
        """How dates are written."""
        return self._languages[language].dates

    def app(self, language: Language) -> AppWords:
        """How the platforms present the bot."""
        return self._languages[language].app

    def topics(self) -> tuple[str, ...]:
        """The topics that have an answer, in alphabetical order."""
        return self._languages[Language.EN].topics

    def topic_title(self, topic: str, language: Language) -> str:
        """What an answer is called. Raises ``BrokenTemplate`` for a topic without one."""
        return self._languages[language].topic_title(topic)

    def dated(self) -> Iterator[tuple[str, Dated]]:
        """Every fact that ages, with the English file that states it: the other languages state the same."""
        yield from self._languages[Language.EN].dated

    def _check_complete(self) -> None:
        everything = set().union(*(language.names for language in self._languages.values()))
        everything |= {f"messages/{name_of(message)}" for message in all_messages() if message is not Answer}
        for language, vocabulary in self._languages.items():
            missing = everything - vocabulary.names
            if missing:
                raise BrokenTemplate(f"{language}/{min(missing)}{ENDING}", "is missing")


class _Vocabulary:
    """The templates of one language."""

    def __init__(self, folder: Path, language: Language, known: Mapping[str, object], zone: tzinfo) -> None:
        labels = read_labels(folder, language)
        self._language = language
        self.dated: list[tuple[str, Dated]] = []
        self.dates = dates = Dates(Locale.parse(labels.locale), labels.dates, zone)
        compiler = Compiler(
            {**known, "topic_title": self.topic_title},
            {name: getattr(dates, name) for name in Patterns.model_fields},
        )
        file = f"{language}/labels.yaml"
        site = compiler.text(labels.page.site, Place(file, "page.site"))({})
        self.page: PageWords = labels.page.model_copy(update={"site": site})
        full = compiler.text(labels.app.full, Place(file, "app.full"))({})
        self.app: AppWords = labels.app.model_copy(update={"full": full})
        shared = {
            name: compiler.text(label, Place(file, f"actions.{name}", names=frozenset({"record"})))
            for name, label in labels.actions.items()
        }
        self._templates: dict[str, Template] = {}
        for path in sorted((folder / language).glob(f"*/*{ENDING}")):
            source = read_source(folder, path.relative_to(folder).as_posix())
            name = f"{path.parent.name}/{path.name.removesuffix(ENDING)}"
            self._templates[name] = Template(source, compiler, self._names_in(name, source.file), shared)
            self.dated += [(source.file, fact) for fact in source.front.dated]

    @property
    def names(self) -> frozenset[str]:
        """The templates there are, as ``messages/reminder`` or ``answers/setup``."""
        return frozenset(self._templates)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that have an answer."""
        return tuple(
            name.removeprefix("answers/") for name in sorted(self.names) if name.startswith("answers/")
        )

    def template(self, name: str) -> Template:
        """The template of that name."""
        template = self._templates.get(name)
        if template is None:
            raise BrokenTemplate(f"{self._language}/{name}{ENDING}", "is missing")
        return template

    def topic_title(self, topic: str) -> str:
        """What the answer to a topic is called."""
        return self.template(f"answers/{topic}").title({})

    def _names_in(self, name: str, file: str) -> frozenset[str]:
        """What the data of a template's message holds."""
        if name.startswith("answers/"):
            return frozenset(field.name for field in dataclasses.fields(Answer))
        for message in all_messages():
            if name == f"messages/{name_of(message)}":
                return frozenset(field.name for field in dataclasses.fields(message))
        raise BrokenTemplate(file, "belongs to no message")


def _examples(topics: tuple[str, ...]) -> Iterator[Data]:
    for message in all_messages():
        yield from message.examples()
    for topic in topics:
        yield Answer(topic)
        yield from (dataclasses.replace(answer, topic=topic) for answer in Answer.examples())
