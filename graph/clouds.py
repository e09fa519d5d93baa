"""Microsoft's clouds: which sign-in hosts are Microsoft's own, and which scope a Graph address needs.

Source: https://learn.microsoft.com/graph/deployments
"""

from urllib.parse import urlsplit

from msal.authority import WELL_KNOWN_AUTHORITY_HOSTS

GLOBAL_ROOT = "https://graph.microsoft.com"

GRAPH_HOSTS = frozenset(
    {
        "graph.microsoft.com",
        "graph.microsoft.us",
        "dod-graph.microsoft.us",
        "microsoftgraph.chinacloudapi.cn",
    }
)


def scope_for(graph_url: str) -> str:
    """The scope of this cloud's Graph. Any other host, an emulator say, takes that of the global cloud."""
    host = urlsplit(graph_url).hostname
    root = f"https://{host}" if host in GRAPH_HOSTS else GLOBAL_ROOT
    return f"{root}/.default"


def is_microsoft(authority_url: str) -> bool:
    """Whether MSAL knows this sign-in host, so that it can discover the cloud behind it."""
    return urlsplit(authority_url).hostname in WELL_KNOWN_AUTHORITY_HOSTS
