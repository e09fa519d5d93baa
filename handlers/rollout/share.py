"""Shares of a wave: in per cent, and as a bar of text."""

_LENGTH = 20


def percent(ready: int, accounts: int) -> int:
    """Rounded down: a hundred only when nobody is missing."""
    return 100 * ready // accounts if accounts else 0


def bar(ready: int, accounts: int, length: int = _LENGTH) -> str:
    """Full only when nobody is missing, and empty only when nobody is ready."""
    full = length * ready // accounts if accounts else 0
    if ready and not full:
        full = 1
    return "█" * full + "░" * (length - full)
