"""Which support channels the settings make."""

from pathlib import Path

import pytest

from bot.settings import Settings
from bot.settings.loading import load
from bot.support import names_on, support_channels_of
from tests.bot.test_settings import COMPLETE

_TEAMS = """\
teams:
  mode: http
  app_id: 0b0a3c6e-1d52-4c80-9a61-5d2f0f1c7e11
  client_secret: canary
  tenant_ids: [1b0a3c6e-1d52-4c80-9a61-5d2f0f1c7e11]
"""
_CHANNEL = "  support_channel: 19:support00@thread.tacv2\n"


def _settings(folder: Path, text: str) -> Settings:
    file = folder / "app.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file, {})


@pytest.mark.parametrize(
    ("text", "places", "on"),
    [
        (COMPLETE, ["slack C0123 overheard"], {"slack"}),
        (COMPLETE + _TEAMS, ["slack C0123 overheard"], {"slack", "teams"}),
        (
            COMPLETE + _TEAMS + _CHANNEL,
            ["slack C0123 overheard", "teams 19:support00@thread.tacv2 by button"],
            {"slack", "teams"},
        ),
        (
            COMPLETE.replace("C0123", "") + _TEAMS + _CHANNEL,
            ["teams 19:support00@thread.tacv2 by button"],
            {"slack", "teams"},
        ),
        (
            COMPLETE.replace("slack:", "slack:\n  mode: off") + _TEAMS + _CHANNEL,
            ["teams 19:support00@thread.tacv2 by button"],
            {"teams"},
        ),
    ],
    ids=["slack", "teams without a channel", "both", "slack without a channel", "slack off"],
)
def test_each_platform_that_is_on_has_its_own(
    tmp_path: Path, text: str, places: list[str], on: set[str]
) -> None:
    settings = _settings(tmp_path, text)
    assert names_on(settings) == on
    assert [
        f"{each.place.platform} {each.place.conversation} {'overheard' if each.overheard else 'by button'}"
        for each in support_channels_of(settings)
    ] == places
    tenants = {each.place.platform: each.tenant for each in support_channels_of(settings)}
    assert tenants.items() <= {"slack": "T0123", "teams": "1b0a3c6e-1d52-4c80-9a61-5d2f0f1c7e11"}.items()
