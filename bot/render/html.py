"""Shows a message as a web page: HTML that works without scripts, from the one layout in ``templates/web/``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bot.render.chart import Chart
from bot.render.layout import environment
from bot.render.message import Message
from bot.render.qr import outline
from bot.render.words import Words
from graph.secret import Secret
from handlers.messages import Data, Language, PassPage
from handlers.messages.pages import LEAVE

TARGET: Final = "/case"
"""Where a page's form goes, by its first button; every other button goes to the address of its name below it."""


@dataclass(frozen=True)
class Open:
    """Where a page stands that is for everybody: it comes in every language, by ``?lang=``."""

    home: str
    """``web.public_url``: what lies below it is ours, and opens in the same tab."""
    path: str


@dataclass(frozen=True)
class Way:
    """A link to another page that is for everybody."""

    label: str
    path: str


@dataclass(frozen=True)
class Leaving:
    """Where the button that logs out of an eID leads, and what it sends along."""

    address: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """Rows of like messages: their facts are the cells, the first of which names the row."""

    rows: Sequence[tuple[Message, int | None]]
    """Each with how much of a hundred its last cell stands for, if it stands for that."""
    caption: str = ""
    """What it shows; nothing where the heading above it says so."""


class Pages:
    """The pages there are. Every value is escaped by the layout's environment; only links of templates are links."""

    def __init__(self, words: Words, folder: Path) -> None:
        self._words = words
        self._layout = environment(folder).get_template("page.html.j2")

    def show(
        self,
        data: Data,
        language: Language,
        *,
        secret: Secret | None = None,
        public: Open | None = None,
        target: str = TARGET,
        leaving: Leaving | None = None,
        photo: str = "",
        more: str = "",
        chart: Chart | None = None,
        tables: Sequence[Table] = (),
    ) -> str:
        """The page. ``secret`` is the pass, which no message holds: only ``PassPage`` may be given one.

        ``photo`` is the address below ours of somebody's photo; ``more`` names what folds out. ``tables`` stand below
        the form if there is one, since it is for searching them, and otherwise above the facts.
        """
        if secret is not None and not isinstance(data, PassPage):
            raise ValueError(f"{type(data).__name__} shows no pass")
        message = self._words.message(data, language)
        return self._laid_out(
            message,
            language,
            secret=secret,
            public=public,
            target=target,
            leaving=leaving,
            photo=photo,
            more=more,
            chart=chart,
            tables=tables,
        )

    def read(
        self, message: Message, language: Language, public: Open, ways: Sequence[Way] = (), more: str = ""
    ) -> str:
        """A page to be read by everybody, without buttons: ``ways`` lead on, ``more`` names what folds out."""
        quiet = replace(message, actions=(), fields=())
        return self._laid_out(quiet, language, public=public, ways=ways, more=more)

    def _laid_out(
        self,
        message: Message,
        language: Language,
        *,
        secret: Secret | None = None,
        public: Open | None = None,
        target: str = TARGET,
        leaving: Leaving | None = None,
        photo: str = "",
        ways: Sequence[Way] = (),
        more: str = "",
        chart: Chart | None = None,
        tables: Sequence[Table] = (),
    ) -> str:
        leave = next((button for button in message.actions if button.name == LEAVE), None)
        return self._layout.render(
            language=language.value,
            message=replace(message, actions=tuple(each for each in message.actions if each is not leave)),
            leave=leave,
            codes=[(code, outline(code.url)) for code in message.codes],
            languages={each.value: self._words.page(each).language for each in Language} if public else {},
            home=f"{public.home}/" if public else "",
            path=public.path if public else "",
            page=self._words.page(language),
            secret=secret.reveal() if secret is not None else "",
            target=target,
            leaving=leaving,
            photo=photo,
            ways=ways,
            more=more,
            chart=chart,
            tables=[table for table in tables if table.rows],
        )
