"""Whether an address lies in the organisation's own networks, as far as anybody can tell. Pure."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

OWN: Final = "own"
OTHER: Final = "other"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class OwnNetworks:
    """``web.own_networks``. Without any nobody can tell."""

    networks: tuple[str, ...] = ()

    def where(self, address: str) -> str:
        """``own``, ``other`` or ``unknown``."""
        try:
            found = ip_address(address)
        except ValueError:
            return UNKNOWN
        if not self.networks:
            return UNKNOWN
        return OWN if any(found in ip_network(each) for each in self.networks) else OTHER


NONE_NAMED: Final = OwnNetworks()
"""Where the settings say nothing."""
