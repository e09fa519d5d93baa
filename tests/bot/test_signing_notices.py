"""What the start says of a sign-in that is missing."""

import pytest
from structlog.testing import capture_logs

from bot.app.signing import warn
from bot.settings import Settings
from bot.settings.signin import SignIn

_ON = SignIn(client_id="0b5c1e0a-7d4f-5a52-9a07-3f1f7a9f0001")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(), ["issuing-off"]),
        (Settings(signin=_ON), []),
    ],
)
def test_a_missing_sign_in_is_said_at_the_start(settings: Settings, said: list[str]) -> None:
    with capture_logs() as logs:
        warn(settings)
    assert [entry["event"] for entry in logs] == said
    assert all(entry["log_level"] == "warning" for entry in logs)
