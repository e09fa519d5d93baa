"""Whether a proof came from one of the organisation's own networks: told, and never guessed."""

import pytest

from handlers.verification.networks import OwnNetworks

OURS = OwnNetworks(("10.0.0.0/8", "2001:db8::/32"))


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("10.1.2.3", "own"),
        ("2001:db8::7", "own"),
        ("192.0.2.7", "other"),
        ("2001:db9::7", "other"),
        ("unknown", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_is_ours_or_not(address: str, where: str) -> None:
    assert OURS.where(address) == where


def test_without_networks_nobody_can_tell() -> None:
    assert OwnNetworks().where("10.1.2.3") == "unknown"
