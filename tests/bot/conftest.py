"""The words as the product has them, and with every setting filled in."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.render.words import Words
from bot.settings.sections import Links, Organisation
from handlers.messages import Language

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
OSLO = ZoneInfo("Europe/Oslo")


@pytest.fixture(scope="session")
def templates() -> Path:
    """Where the words are."""
    return TEMPLATES


@pytest.fixture(scope="session")
def words() -> Words:
    organisation = Organisation()
    said = {language: organisation.said_in(language) for language in Language}
    return Words(TEMPLATES, said, dict(Links()), organisation.own_telecom, OSLO)


@pytest.fixture(scope="session")
def full_words() -> Words:
    """Every setting is set, so that the other branch of every template is taken."""
    names = Organisation.model_fields
    said = {
        language: {name: f"setting {name}" for name in names} | {"own_telecom": True} for language in Language
    }
    links = {name: f"https://fjordheim.example/{name}?a=1&b=2" for name in Links.model_fields}
    return Words(TEMPLATES, said, links, True, OSLO)
