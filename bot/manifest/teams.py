"""The package of our Teams app: a manifest, two icons and two languages beside English, in a ZIP file.

Fields and limits: https://learn.microsoft.com/microsoftteams/platform/resources/schema/manifest-schema. The version of
the schema is an older one that every tenant takes, in all clouds; the bot uses nothing that came later, and hears no
message that is not said to it. What that version does not know of, such as targeted messages, is off.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.manifest.lacking import public_url, require, require_https
from bot.render.front import AppWords, CommandWords
from bot.render.text import short
from bot.render.words import Words
from bot.settings import Settings
from handlers.messages import Language

SCHEMA: Final = "1.22"
ICONS: Final = ("color.png", "outline.png")
_ICONS_FOLDER: Final = Path(__file__).parent
_ACCENT: Final = "#0b5f53"
_FIRST: Final = Language.EN
"""Of the manifest itself; the others have files of their own."""
_DATED: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP file can tell: the same package is the same bytes."""


def app_package(settings: Settings, words: Words, number: str) -> bytes:
    """The ZIP file, with ``number`` as its version. Raises ``SettingsError``."""
    files = {name: (_ICONS_FOLDER / name).read_bytes() for name in ICONS}
    files["manifest.json"] = _json(manifest(settings, words, number))
    for language in _others():
        files[f"{language}.json"] = _json(dict(_translated(words.app(language))))
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _DATED)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return package.getvalue()


def manifest(settings: Settings, words: Words, number: str) -> dict[str, object]:
    """What stands in ``manifest.json``. Raises ``SettingsError``."""
    organisation, app_id = settings.organisation, settings.teams.app_id
    name = organisation.said_in(organisation.language)["name"]
    require(
        {
            "teams.app_id": app_id,
            "entra.client_id": settings.entra.client_id,
            "organisation.name": name,
            "links.privacy": settings.links.privacy,
        },
        "the package for Teams",
    )
    require_https("links.privacy", settings.links.privacy or "")
    ours, said = public_url(settings), words.app(_FIRST)
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": number,
        "id": app_id,
        "developer": {
            "name": short(str(name), 32),
            "websiteUrl": f"{ours}/help",
            "privacyUrl": settings.links.privacy,
            "termsOfUseUrl": settings.links.privacy,
        },
        "localizationInfo": {
            "defaultLanguageTag": str(_FIRST),
            "additionalLanguages": [
                {"languageTag": str(language), "file": f"{language}.json"} for language in _others()
            ],
        },
        "name": {"short": _short_name(said), "full": _full_name(said)},
        "description": {"short": _summary(said), "full": said.about},
        "icons": {"color": ICONS[0], "outline": ICONS[1]},
        "accentColor": _ACCENT,
        "bots": [_bot(app_id, said)],
        # The app that calls Graph: only itself may it install for people.
        "webApplicationInfo": {"id": settings.entra.client_id, "resource": f"api://botid-{app_id}"},
        "validDomains": [urlsplit(ours).netloc],
        "defaultInstallScope": "personal",
    }


def _bot(app_id: str, said: AppWords) -> dict[str, object]:
    return {
        "botId": app_id,
        "scopes": ["personal", "team"],
        "isNotificationOnly": False,
        "supportsFiles": False,
        "supportsCalling": False,
        "supportsVideo": False,
        "commandLists": [
            {
                "scopes": [scope],
                "commands": [{"title": command.say, "description": command.does} for command in commands],
            }
            for scope, commands in commands_of(said).items()
        ],
    }


def commands_of(said: AppWords) -> Mapping[str, tuple[CommandWords, ...]]:
    """What is offered in private, and in a channel: there, nothing that is about one's own account."""
    every = said.commands
    private = (
        every.help,
        every.setup,
        every.lost_phone,
        every.new_phone,
        every.person,
        every.colleague,
        every.language,
    )
    return {"personal": private, "team": (every.help, every.lost_phone, every.new_phone)}


def _translated(said: AppWords) -> Iterator[tuple[str, str]]:
    """The words of a language file, by where they stand in the manifest."""
    yield "name.short", _short_name(said)
    yield "name.full", _full_name(said)
    yield "description.short", _summary(said)
    yield "description.full", said.about
    for number, commands in enumerate(commands_of(said).values()):
        for place, command in enumerate(commands):
            at = f"bots[0].commandLists[{number}].commands[{place}]"
            yield f"{at}.title", command.say
            yield f"{at}.description", command.does


def _short_name(said: AppWords) -> str:
    return short(said.name, 30)


def _full_name(said: AppWords) -> str:
    return short(said.full, 100)


def _summary(said: AppWords) -> str:
    return short(said.summary, 80)


def _others() -> tuple[Language, ...]:
    return tuple(language for language in Language if language is not _FIRST)


def _json(content: Mapping[str, object]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
