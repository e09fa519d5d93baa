"""The names of settings: as keys of the file, as variables, and what a misspelt one was meant to be."""

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import get_args

from pydantic import BaseModel

from bot.settings.sections import Settings
from bot.settings.values import Wording

PREFIX = "TOFAKTOR_"
CONFIG = f"{PREFIX}CONFIG"
SECRETS_DIR = f"{PREFIX}SECRETS_DIR"

PROVIDER_PREFIX = f"{PREFIX}EID__PROVIDERS__"
PROVIDER_SECRET = re.compile(rf"{PROVIDER_PREFIX}[A-Z][A-Z0-9_]*?__(?:KEY|SECRET)")
"""``TOFAKTOR_EID__PROVIDERS__IDPORTEN__KEY``: the secrets of a provider, named by its name."""
PROVIDER_SECRETS = "provider secrets"
"""Where they stand until they are put into their entry; no setting has a blank in its name."""

Path = tuple[str, ...]

_ENTRIES = (("eid", "providers"), ("verification", "routes"), ("rollout", "waves"))
"""Lists of groups: only the file can hold them."""


def keys(model: type[BaseModel] = Settings, above: Path = ()) -> Iterator[Path]:
    """Every setting there is, a text of several languages counted once."""
    for name, info in model.model_fields.items():
        section = _model_in(info.annotation)
        if section is None or section is Wording:
            yield (*above, name)
        else:
            yield from keys(section, (*above, name))


def variable(key: Path) -> str:
    """``slack.bot_token`` → ``TOFAKTOR_SLACK__BOT_TOKEN``."""
    return PREFIX + "__".join(key).upper()


def variables() -> frozenset[str]:
    """Every variable that means something, and so every name of a secret file; besides them ``PROVIDER_SECRET``."""
    paths = [path for path in keys() if path[:2] not in _ENTRIES]
    worded = [(*path, language) for path in paths if _is_worded(path) for language in Wording.model_fields]
    return frozenset(variable(path) for path in (*paths, *worded))


def meant(name: str, known: Iterable[str]) -> str:
    """``; did you mean …?`` when one of the known names is close, else nothing."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    return f"; did you mean {close[0]}?" if close else ""


def _is_worded(key: Path) -> bool:
    model: type[BaseModel] | None = Settings
    for name in key:
        model = _model_in(model.model_fields[name].annotation) if model is not None else None
    return model is Wording


def _model_in(annotation: object) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        found = get_args(candidate)[0] if get_args(candidate) else candidate
        if isinstance(found, type) and issubclass(found, BaseModel):
            return found
    return None
