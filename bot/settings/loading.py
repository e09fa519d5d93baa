"""Read, merge and check the settings, or say in one sentence what is wrong with them."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr, ValidationError

from bot.settings import names, providers, rules, sources, words
from bot.settings.sections import Settings
from bot.settings.sources import Places, SettingsError

FILE = "app.yaml"
_PROJECT = Path(__file__).resolve().parents[2]


def load(config: Path | None, environ: Mapping[str, str], *, complete: bool = True) -> Settings:
    """The settings. Variables beat secret files, which beat the YAML file; relative files count from its folder.

    ``SettingsError`` on the first thing that is wrong. With ``complete=False`` nothing need be set: for commands
    that use a part of them. What is set must be right all the same.
    """
    file = _file(config, environ)
    found = [sources.from_file(file)]
    if folder := environ.get(names.SECRETS_DIR):
        found.append(sources.from_folder(Path(folder)))
    found.append(sources.from_variables(environ))
    places: Places = {}
    tree: sources.Tree = {}
    for source in found:
        tree = sources.merged(tree, source.values)
        places |= source.places
    tree = providers.with_secrets(tree)
    settings = _anchored(_made(tree, places), file.resolve().parent)
    for key, what in rules.contradictions(settings):
        raise SettingsError(_sentence(key, what, places))
    if complete:
        _complete(settings)
    return settings


def _file(config: Path | None, environ: Mapping[str, str]) -> Path:
    if config is None and environ.get(names.CONFIG):
        config = Path(environ[names.CONFIG])
    if config is not None:
        return config
    for folder in (_PROJECT, Path.cwd()):
        if (folder / FILE).is_file():
            return folder / FILE
    raise SettingsError(f"There is no {FILE} here: name one with --config or {names.CONFIG}.")


def _made(tree: sources.Tree, places: Places) -> Settings:
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        key, what = words.of(error.errors(include_url=False, include_input=False)[0])
    raise SettingsError(_sentence(key, what, places))


def _sentence(key: names.Path, what: str, places: Places) -> str:
    """Place, key and what is wrong. The place is that of the group when the key itself stands nowhere."""
    known = next((places[key[:end]] for end in range(len(key), 0, -1) if key[:end] in places), None)
    return f"{f'{known}: ' if known else ''}{'.'.join(key)} {what}{'' if what.endswith('?') else '.'}"


def _anchored(settings: Settings, folder: Path) -> Settings:
    """Relative file names count from the folder of the settings file, so that it matters not who starts us where."""
    entra, http, storage = settings.entra, settings.http, settings.storage
    if entra.certificate is not None:
        entra = entra.model_copy(update={"certificate": folder / entra.certificate})
    signin = settings.signin
    if signin.certificate is not None:
        signin = signin.model_copy(update={"certificate": folder / signin.certificate})
    teams = settings.teams
    if teams.certificate is not None:
        teams = teams.model_copy(update={"certificate": folder / teams.certificate})
    if http.ca_file is not None:
        http = http.model_copy(update={"ca_file": folder / http.ca_file})
    scheme, slashes, file = storage.url.get_secret_value().partition(":///")
    if scheme == "sqlite":
        url = SecretStr(f"{scheme}{slashes}{folder / file}")
        storage = storage.model_copy(update={"url": url})
    eid = providers.anchored(settings.eid, folder)
    settings = _anchored_contacts(settings, folder)
    return settings.model_copy(
        update={
            "entra": entra,
            "signin": signin,
            "teams": teams,
            "http": http,
            "storage": storage,
            "eid": eid,
        }
    )


def _anchored_contacts(settings: Settings, folder: Path) -> Settings:
    kind, _, where = settings.verification.contact_source.partition(":")
    if kind != "file":
        return settings
    found = settings.verification.model_copy(update={"contact_source": f"{kind}:{folder / where}"})
    return settings.model_copy(update={"verification": found})


def _complete(settings: Settings) -> None:
    if not settings.slack.on and not settings.teams.on:
        raise SettingsError("The bot is in no chat: switch on slack.mode or teams.mode, which are both off.")
    keys = list(rules.missing(settings))
    if keys:
        example = names.variable(tuple(keys[0].split(" ")[0].split(".")))
        raise SettingsError(
            f"{words.are(keys)} missing: set {'them' if keys[1:] else 'it'} in {FILE}, as a variable such as "
            f"{example}, or in a file of that name in the folder {names.SECRETS_DIR} names."
        )
