"""Where answers may go: listed services, and nothing that only looks like one."""

import pytest

from bot.settings.sections import Teams
from bot.teams.addresses import ServiceUrls

MICROSOFT = ServiceUrls(Teams().service_urls)
LOCAL = ServiceUrls(("http://127.0.0.1:4321",))


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net/teams",
        "https://SMBA.trafficmanager.net/no",
        "https://smba.infra.gcc.teams.microsoft.com/gcc",
        "https://eu.api.teams.microsoft.com/",
    ],
)
def test_microsoft_s_services_are_listed(url: str) -> None:
    assert MICROSOFT.allows(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net:8443/emea/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://evil.example/smba.trafficmanager.net",
        "https://smba.trafficmanager.net@evil.example/",
        "https://evil.example#smba.trafficmanager.net",
        "https://evil.example\\@smba.trafficmanager.net/",
        "https://xsmba.trafficmanager.net/",
        "https://other.trafficmanager.net/",
        "https://teams.microsoft.com.evil.example/",
        "https://evilteams.microsoft.com/",
        "https://*.teams.microsoft.com/",
        "ftp://smba.trafficmanager.net/",
        "//smba.trafficmanager.net/",
        "https://[::1",
        "https://127.0.0.1/",
        "",
    ],
)
def test_nothing_else_is(url: str) -> None:
    assert not MICROSOFT.allows(url)


def test_this_machine_counts_with_its_port_and_only_where_it_is_listed() -> None:
    assert LOCAL.allows("http://127.0.0.1:4321/teams/")
    assert not LOCAL.allows("http://127.0.0.1:4322/teams/")
    assert not LOCAL.allows("https://127.0.0.1:4321/teams/")
    assert not MICROSOFT.allows("http://127.0.0.1:4321/teams/")


def test_the_first_is_for_whoever_we_have_not_heard_from() -> None:
    assert MICROSOFT.default == "https://smba.trafficmanager.net/teams"
