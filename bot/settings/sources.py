"""Where settings come from: a YAML file, secret files and variables, each with the place of every value."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from pydantic_settings import EnvSettingsSource
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.nodes import MappingNode

from bot.settings import names
from bot.settings.sections import Settings

Tree = dict[str, object]
Places = dict[names.Path, str]

_DATE_LIKE = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
_DEPTH = 4
"""No setting lies deeper; a file whose aliases go in circles ends here."""


class SettingsError(Exception):
    """The settings cannot be used. The message is one plain sentence that names key and place."""


@dataclass(frozen=True)
class Source:
    """Values as they were found, and where."""

    values: Tree
    places: Places


def from_file(path: Path) -> Source:
    """A YAML 1.2 file: ``off`` stays a word there and ``10:30`` a time of day. No key may stand twice."""
    text = _text_of(path)
    reader = YAML(typ="safe", pure=True)
    try:
        found = reader.load(text)
        root = reader.compose(text)
    except YAMLError as error:
        raise SettingsError(_broken(path, error)) from None
    except (ValueError, OverflowError):
        raise SettingsError(_impossible(path, text)) from None
    except RecursionError:
        raise SettingsError(f"{path} is nested too deeply for settings.") from None
    if found is None:
        return Source({}, {})
    if not isinstance(found, dict):
        raise SettingsError(f"{path} must hold groups of settings such as slack: with keys below.")
    return Source(_without_blanks(found), dict(_lines(path, root, ())))


def from_folder(folder: Path) -> Source:
    """A folder of secret files, each named like a variable. Files of other names are not ours."""
    try:
        files = sorted(file for file in folder.iterdir() if file.name.upper().startswith(names.PREFIX))
    except OSError as error:
        raise SettingsError(
            f"{names.SECRETS_DIR} names {folder}, which cannot be read: {_why(error)}."
        ) from None
    for file in files:
        _refuse_unknown(file.name, f"{file}: ")
    found = {file.name: _text_of(file).strip() for file in files}
    return _from_flat(found, {file.name: str(file) for file in files})


def from_variables(environ: Mapping[str, str]) -> Source:
    """Environment variables."""
    found = {name: value for name, value in environ.items() if name.upper().startswith(names.PREFIX)}
    for own in (names.CONFIG, names.SECRETS_DIR):
        found.pop(own, None)
    for name in sorted(found):
        _refuse_unknown(name, "")
    return _from_flat(found, {name: name for name in found})


def merged(below: Tree, above: Tree) -> Tree:
    """Both, where ``above`` wins."""
    result = dict(below)
    for key, value in above.items():
        under = result.get(key)
        result[key] = merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return result


def _from_flat(found: Mapping[str, str], places: Mapping[str, str]) -> Source:
    reader = EnvSettingsSource(Settings)
    of_providers = {name for name in found if names.PROVIDER_SECRET.fullmatch(name)}
    reader.env_vars = {
        name.lower(): value for name, value in found.items() if value != "" and name not in of_providers
    }
    values: Tree = reader()
    for name in sorted(of_providers):
        provider, what = name.removeprefix(names.PROVIDER_PREFIX).lower().split("__")
        values = merged(values, {names.PROVIDER_SECRETS: {provider: {what: found[name]}}})
    paths = {name: tuple(name.removeprefix(names.PREFIX).lower().split("__")) for name in found}
    return Source(values, {paths[name]: place for name, place in places.items() if found[name] != ""})


def _refuse_unknown(name: str, where: str) -> None:
    known = names.variables()
    if name not in known and not names.PROVIDER_SECRET.fullmatch(name):
        own = {names.CONFIG, names.SECRETS_DIR}
        raise SettingsError(f"{where}{name} is not a setting{names.meant(name.upper(), known | own) or '.'}")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not text in UTF-8.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {_why(error)}.") from None


def _why(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()


def _broken(path: Path, error: YAMLError) -> str:
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return f"{path} holds a character that YAML does not allow."
    mark = error.problem_mark
    place = f"{path}, line {mark.line + 1}, column {mark.column + 1}"
    if isinstance(error, DuplicateKeyError):
        # The parser's own words would repeat the value.
        return f"{place}: the key {_key_at(mark)} stands here for the second time."
    return f"{place}: this is not YAML ({error.problem or error.context})."


def _key_at(mark: StringMark) -> str:
    rest = mark.buffer[mark.pointer :] if mark.buffer else ""
    return rest.partition(":")[0].strip().strip("'\"")


def _impossible(path: Path, text: str) -> str:
    """The parser does not say where the date stands that no calendar has."""
    for number, line in enumerate(text.splitlines(), start=1):
        for word in _DATE_LIKE.findall(line):
            try:
                date.fromisoformat(word)
            except ValueError:
                return f"{path}, line {number}: {word} is not a date."
    return f"{path} holds a date or number that cannot be."


def _without_blanks(found: Mapping[object, object], depth: int = 1) -> Tree:
    """A key with nothing behind it is one that is not set."""
    tree: Tree = {}
    for key, value in found.items():
        if isinstance(value, dict) and depth < _DEPTH:
            tree[str(key)] = _without_blanks(cast("dict[object, object]", value), depth + 1)
        elif value is not None and value != "":
            tree[str(key)] = value
    return tree


def _lines(path: Path, node: object, above: names.Path) -> Iterator[tuple[names.Path, str]]:
    if not isinstance(node, MappingNode) or len(above) >= _DEPTH:
        return
    for key, value in node.value:
        here = (*above, str(key.value))
        yield here, f"{path}, line {key.start_mark.line + 1}"
        yield from _lines(path, value, here)
