"""What the consoles of Slack and Teams are given: what the bot needs, within their limits, and the same every time."""

import io
import itertools
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from bot.guide import words_of
from bot.manifest import app_package, slack_manifest
from bot.manifest.teams import commands_of
from bot.render.words import Words
from bot.settings import Settings, SettingsError
from bot.slack.listening import listening_of
from bot.slack.needs import needs
from handlers.messages import Language
from tests.bot.test_commands import Shell

APP: Final = "3f0e1a77-4b60-4d52-9b0e-2b6a5e1f9c11"
GUIDE: Final = Path(__file__).parents[2] / "docs" / "connecting.md"
GRAPH: Final = "7c1b2a90-0c6f-4a34-8f43-53a1f4d0e2aa"
NAME: Final = "Fjordheim teknisk-naturvitenskapelige universitet med alle byene omkring, og mange fleire"
"""Longer than any console takes."""
WHOLE: Final[Mapping[str, Mapping[str, object]]] = {
    "teams": {"app_id": APP},
    "entra": {"client_id": GRAPH},
    "organisation": {"name": NAME},
    "links": {"privacy": "https://www.fjordheim.example/privacy"},
    "web": {"public_url": "https://bot.fjordheim.example"},
}


def made(**sections: Mapping[str, object]) -> Settings:
    """Settings that suffice, with these sections in place of theirs."""
    return Settings.model_validate({**WHOLE, **sections})


@cache
def said() -> Words:
    """The product's own words."""
    return words_of(made())


def unpacked(package: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest, and every file."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files["manifest.json"]), files


# Slack.


@pytest.mark.parametrize(
    ("mode", "channels", "relay", "support"),
    list(itertools.product(("socket", "http"), ([], ["C1"]), (False, True), ({}, {"support_channel": "C2"}))),
)
def test_slack_is_asked_for_what_the_bot_needs_and_no_more(
    mode: str, channels: list[str], relay: bool, support: Mapping[str, str]
) -> None:
    settings = made(slack={"mode": mode, "help_channels": channels, **support}, support={"relay": relay})
    manifest: Any = slack_manifest(settings, said())
    wanted, events = needs(listening_of(settings)), manifest["settings"]["event_subscriptions"]
    assert sorted(manifest["oauth_config"]["scopes"]) == ["bot"]
    assert manifest["oauth_config"]["scopes"]["bot"] == sorted(wanted.scopes)
    assert events["bot_events"] == sorted(wanted.events)
    assert set(events) <= {"bot_events", "request_url"}


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_slack_calls_us_only_where_no_connection_of_ours_stands(mode: str) -> None:
    manifest: Any = slack_manifest(made(slack={"mode": mode}), said())
    (command,) = manifest["features"]["slash_commands"]
    settings = manifest["settings"]
    asked = [
        command.get("url"),
        settings["event_subscriptions"].get("request_url"),
        settings["interactivity"].get("request_url"),
    ]
    assert asked == [None if mode == "socket" else "https://bot.fjordheim.example/slack/events"] * 3
    assert settings["socket_mode_enabled"] is (mode == "socket")
    assert settings["interactivity"]["is_enabled"] is True
    assert command["command"] == "/2fa"
    assert manifest["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


@pytest.mark.parametrize("language", Language)
def test_slack_is_told_of_us_in_the_organisations_language_and_within_its_limits(language: Language) -> None:
    manifest: Any = slack_manifest(made(organisation={"language": str(language)}), said())
    shown, app = manifest["display_information"], said().app(language)
    assert (shown["name"], shown["description"], shown["long_description"]) == (
        app.name,
        app.summary,
        app.about,
    )
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert re.fullmatch("#[0-9a-f]{6}", shown["background_color"])


def test_the_guide_to_connecting_names_each_scope_and_each_command() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+) \|$", guide, re.MULTILINE)
    table = guide.partition("| scope | why |\n| --- | --- |\n")[2].partition("\n\n")[0]
    named = [re.findall("`([^`]+)`", row.partition(" | ")[0]) for row in table.splitlines()]
    widest = Settings.model_validate({"slack": {"help_channels": "C1"}})
    assert sorted(itertools.chain.from_iterable(named)) == sorted(needs(listening_of(widest)).scopes)
    said_in = [said().app(language).commands for language in Language]
    for same in zip(*said_in, strict=True):
        assert " | ".join(command.say for _, command in same) in rows


# Teams.


def test_the_package_holds_what_teams_wants_and_nothing_else() -> None:
    manifest, files = unpacked(app_package(made(), said(), "1.2.3"))
    assert list(files) == sorted(
        [
            "manifest.json",
            manifest["icons"]["color"],
            manifest["icons"]["outline"],
            *(more["file"] for more in manifest["localizationInfo"]["additionalLanguages"]),
        ]
    )
    (bot,) = manifest["bots"]
    assert manifest["$schema"].endswith(f"/v{manifest['manifestVersion']}/MicrosoftTeams.schema.json")
    assert (manifest["id"], bot["botId"], manifest["version"]) == (APP, APP, "1.2.3")
    assert bot["scopes"] == ["personal", "team"]
    assert bot["isNotificationOnly"] is False
    assert not bot.get("supportsTargetedMessages", False)
    assert manifest["webApplicationInfo"]["id"] == GRAPH
    assert manifest["webApplicationInfo"]["resource"]
    assert manifest["validDomains"] == ["bot.fjordheim.example"]
    assert manifest["developer"]["websiteUrl"] == "https://bot.fjordheim.example/help"
    assert manifest["developer"]["privacyUrl"] == "https://www.fjordheim.example/privacy"
    assert re.fullmatch("#[0-9a-f]{6}", manifest["accentColor"])
    assert "authorization" not in manifest


def test_the_package_is_the_same_every_time() -> None:
    assert app_package(made(), said(), "1.0.0") == app_package(made(), said(), "1.0.0")


def test_every_text_stays_within_the_limits_of_teams() -> None:
    manifest, files = unpacked(app_package(made(), said(), "1.0.0"))
    told = [
        {
            f"{part}.{size}": manifest[part][size]
            for part in ("name", "description")
            for size in manifest[part]
        }
    ]
    told += [json.loads(files[more["file"]]) for more in manifest["localizationInfo"]["additionalLanguages"]]
    for texts in told:
        assert 0 < len(texts["name.short"]) <= 30
        assert 0 < len(texts["name.full"]) <= 100
        assert 0 < len(texts["description.short"]) <= 80
        assert 0 < len(texts["description.full"]) <= 4000
        assert "…" not in texts["name.short"] + texts["description.short"]
        assert texts["name.full"].endswith("…")
    assert 0 < len(manifest["developer"]["name"]) <= 32


def test_each_language_says_everything_that_the_manifest_says() -> None:
    manifest, files = unpacked(app_package(made(), said(), "1.0.0"))
    lists = manifest["bots"][0]["commandLists"]
    assert len(lists) <= 3
    for commands in lists:
        assert 0 < len(commands["commands"]) <= 10
    keys = {
        f"bots[0].commandLists[{number}].commands[{place}].{part}"
        for number, commands in enumerate(lists)
        for place, command in enumerate(commands["commands"])
        for part in command
    }
    assert manifest["localizationInfo"]["defaultLanguageTag"] == "en"
    for language in (Language.NB, Language.NN):
        texts = json.loads(files[f"{language}.json"])
        assert set(texts) == keys | {"name.short", "name.full", "description.short", "description.full"}
        assert texts["bots[0].commandLists[0].commands[0].title"] == "Hjelp"
        titles = [command.say for listed in commands_of(said().app(language)).values() for command in listed]
        assert max(map(len, titles)) <= 128


@pytest.mark.parametrize(("name", "size"), [("color", 192), ("outline", 32)])
def test_the_icons_have_the_sizes_and_colours_that_teams_wants(name: str, size: int) -> None:
    _, files = unpacked(app_package(made(), said(), "1.0.0"))
    width, height, pixels = drawn(files[f"{name}.png"])
    assert (width, height) == (size, size)
    if name == "outline":
        seen = {pixel for pixel in pixels if pixel[3]}
        assert {pixel[:3] for pixel in seen} == {(255, 255, 255)}
        assert len(seen) < len(pixels)


def drawn(png: bytes) -> tuple[int, int, list[tuple[int, ...]]]:
    """Width, height and pixels of a picture with 8 bits a channel, without interlace."""
    chunks, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += length + 12
    width, height, depth, colours = struct.unpack(">IIBB", dict(chunks)[b"IHDR"][:10])
    assert depth == 8
    channels = {2: 3, 6: 4}[colours]
    raw = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    before, pixels = bytearray(width * channels), []
    for row in range(height):
        start = row * (width * channels + 1)
        line = bytearray(raw[start + 1 : start + 1 + width * channels])
        for n in range(len(line)):
            left = line[n - channels] if n >= channels else 0
            corner = before[n - channels] if n >= channels else 0
            line[n] = (line[n] + _guess(raw[start], left, before[n], corner)) % 256
        pixels += [tuple(line[n : n + channels]) for n in range(0, len(line), channels)]
        before = line
    return width, height, pixels


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    """The filters of PNG."""
    nearest = min((left, up, corner), key=lambda it: abs(left + up - corner - it))
    return (0, left, up, (left + up) // 2, nearest)[kind]


# The commands.


@pytest.mark.parametrize(
    ("lacking", "key"),
    [
        ({"teams": {}}, "teams.app_id"),
        ({"entra": {}}, "entra.client_id"),
        ({"organisation": {}}, "organisation.name"),
        ({"links": {}}, "links.privacy"),
        ({"links": {"privacy": "http://localhost/privacy"}}, "links.privacy"),
        ({"web": {}}, "web.public_url"),
    ],
)
def test_what_is_missing_for_teams_is_named(lacking: Mapping[str, Mapping[str, object]], key: str) -> None:
    with pytest.raises(SettingsError, match=key):
        app_package(made(**lacking), said(), "1.0.0")


@pytest.mark.parametrize(
    ("slack", "web", "key"), [("off", WHOLE["web"], "slack.mode"), ("http", {}, "web.public_url")]
)
def test_what_is_missing_for_slack_is_named(slack: str, web: Mapping[str, object], key: str) -> None:
    with pytest.raises(SettingsError, match=key):
        slack_manifest(made(slack={"mode": slack}, web=web), said())


def test_the_commands_write_what_the_consoles_take_or_say_what_is_missing(tmp_path: Path) -> None:
    shell, package = Shell(tmp_path), tmp_path / "tofaktor.zip"
    shell.settings("web:\n  public_url: https://bot.fjordheim.example\nslack:\n  mode: http\n")
    slack = shell.run("manifest", "slack")
    assert (slack.code, slack.err) == (0, "")
    assert json.loads(slack.out) == slack_manifest(made(slack={"mode": "http"}), said())
    shell.run("manifest", "teams", "--out", str(package)).fails(2, "teams.app_id", "links.privacy")
    assert not package.exists()

    shell.settings(json.dumps(WHOLE))
    shell.run("manifest", "teams", "--out", str(package), "--number", "one").fails(2, "one")
    teams = shell.run("manifest", "teams", "--out", str(package), "--number", "1.0.2")
    assert (teams.code, teams.err) == (0, "")
    assert "Teams admin centre" in teams.out
    assert package.read_bytes() == app_package(made(), said(), "1.0.2")
