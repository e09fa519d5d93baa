"""What the project promises about itself: settings that are documented, pins that are complete, records that hold."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from bot.settings import sources
from bot.settings.names import keys
from bot.settings.sections import Settings

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RECORDS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
KEYS = {".".join(key) for key in keys()}
DOCUMENTED = set(
    re.findall(
        r"^\| `([a-z_]+(?:\.[a-z_]+)+)` \|",
        (ROOT / "docs/settings.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)


def pins() -> dict[str, Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, lines)}


def wanted() -> list[Requirement]:
    extras: dict[str, list[str]] = PROJECT["optional-dependencies"]
    listed = [Requirement(text) for text in (*PROJECT["dependencies"], *extras["postgres"], *extras["dev"])]
    return [requirement for requirement in listed if requirement.name != PROJECT["name"]]


def test_every_setting_is_documented_and_no_other() -> None:
    assert DOCUMENTED == KEYS


def test_documented_defaults_are_the_true_ones() -> None:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| `([^`]+)` \|", text, re.MULTILINE))
    values = {
        key: value
        for key, value in shown.items()
        if key not in {"rollout.offsets", "storage.url", "web.bind", "rollout.hours", "rollout.time_zone"}
    }
    defaults = Settings()

    assert len(values) > 5
    for key, value in values.items():
        section, name = key.split(".")
        default = getattr(getattr(defaults, section), name)
        assert (str(default).lower() if isinstance(default, bool) else str(default)) == value
    assert shown["rollout.offsets"] == ", ".join(map(str, defaults.rollout.offsets))
    assert shown["storage.url"] == defaults.storage.url.get_secret_value()
    assert shown["web.bind"] == f"{defaults.web.bind.host}:{defaults.web.bind.port}"
    assert (
        shown["rollout.hours"] == f"{defaults.rollout.hours.start:%H:%M}-{defaults.rollout.hours.end:%H:%M}"
    )
    assert shown["rollout.time_zone"] == defaults.rollout.time_zone.key


def test_the_file_that_comes_along_repeats_the_defaults() -> None:
    tree = sources.from_file(ROOT / "app.yaml").values
    given, defaults = Settings.model_validate(tree), Settings()

    for section in Settings.model_fields:
        if section not in {"rollout", "links", "storage"}:
            assert getattr(given, section) == getattr(defaults, section)
    assert given.rollout.model_copy(update={"quiet_days": ()}) == defaults.rollout


def test_everything_that_is_installed_is_pinned_within_its_range() -> None:
    pinned = pins()

    for requirement in wanted():
        (exact,) = pinned[canonicalize_name(requirement.name)].specifier
        assert exact.operator == "=="
        assert requirement.specifier.contains(Version(exact.version)), requirement


def test_pins_name_no_address_and_no_hash() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")

    assert not re.search(r"://|@|--|^#", text, re.MULTILINE)


def test_there_is_one_jose_library() -> None:
    others = {"python-jose", "jose", "jwcrypto", "authlib", "joserfc", "josepy"}

    assert "pyjwt" in pins()
    assert not others & pins().keys()


@pytest.mark.parametrize("record", RECORDS, ids=[record.stem for record in RECORDS])
def test_a_decision_record_says_what_why_and_how_it_is_checked(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    number = record.name[:4]
    check = text.partition("**Check.**")[2]

    assert text.startswith(f"# {number} ")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "Check",
    ]
    assert len(text.splitlines()) <= 40
    paths = [
        found for found in re.findall(r"`([^`]+)`", check) if "/" in found and not found.startswith("./run")
    ]
    assert paths or "./run lint" in check
    for path in paths:
        assert (ROOT / path).exists(), path


def test_decision_records_are_numbered_without_a_gap() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("script", ["run", ".ci/run"])
def test_scripts_can_be_started_and_parsed(script: str) -> None:
    path = ROOT / script
    shell = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!").split()[-1].rpartition("/")[2]

    assert path.stat().st_mode & 0o111 == 0o111
    assert subprocess.run([shell, "-n", str(path)], check=False).returncode == 0


def test_the_licence_is_the_one_that_is_declared() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert PROJECT["license"] == "Apache-2.0"
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
