"""Shows a message as a web page: HTML that works without scripts, from the one layout in ``templates/web/``."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.render.words import Words
from graph.secret import Secret
from handlers.messages import Data, Language, PassPage

TARGET: Final = "/case"
"""Where a page's form goes, by its first button; every other button goes to the address of its name below it."""


class Pages:
    """The pages of a case. Every value is escaped by the layout's environment; only links of templates are links."""

    def __init__(self, words: Words, folder: Path) -> None:
        environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._words = words
        self._layout = environment.get_template("page.html.j2")

    def show(self, data: Data, language: Language, *, secret: Secret | None = None) -> str:
        """The page. ``secret`` is the pass, which no message holds: only ``PassPage`` may be given one."""
        if secret is not None and not isinstance(data, PassPage):
            raise ValueError(f"{type(data).__name__} shows no pass")
        return self._layout.render(
            language=language.value,
            message=self._words.message(data, language),
            page=self._words.page(language),
            secret=secret.reveal() if secret is not None else "",
            target=TARGET,
        )
