"""From the settings to providers that people can choose."""

import base64
from pathlib import Path

import pytest

from bot.eid.building import eids_of
from bot.eid.numbers import BrokenNumbers, FiledNumbers, GraphNumbers, LookedUpNumbers
from bot.eid.provider import ClientAuth
from bot.jose import SigningKey
from bot.settings import Settings, SettingsError
from graph.users import Users
from handlers.messages import Language
from tests.bot.eid.rig import new_key

GROUP = "0b5c1e0a-7d4f-5a52-9a07-3f1f7a9f0001"


def entry(**changes: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "name": "idporten",
        "label": {"en": "ID-porten", "nb": "ID-porten", "nn": "ID-porten"},
        "issuer": "https://idporten.no",
        "client_id": "a-client",
        "accept_acr": {"idporten-loa-high": 4},
        "number_source": "graph:employeeId",
        "host_allow": ["login.idporten.no"],
    }
    return whole | changes


def settings_of(*entries: dict[str, object], **more: object) -> Settings:
    tree = {"web": {"public_url": "https://bot.example"}, "eid": {"providers": list(entries)}, **more}
    return Settings.model_validate(tree)


@pytest.fixture
def users() -> Users:
    """Never asked here."""
    return Users.__new__(Users)


async def test_a_provider_as_it_stands_in_the_settings(users: Users, ours: SigningKey) -> None:
    second = new_key()
    keys = [ours.pem.reveal(), second.pem.reveal()]
    settings = settings_of(entry(key=keys, kid="first", groups=[GROUP], require={"userinfo:country": ["NO"]}))
    async with eids_of(settings, users) as eids:
        (route,) = eids.routes
        assert (route.name, route.label[Language.NN], set(route.groups)) == ("idporten", "ID-porten", {GROUP})
        offered = eids.offered["idporten"]
        provider = offered.client.provider
        assert provider.client_auth is ClientAuth.PRIVATE_KEY_JWT
        assert [key.kid for key in provider.keys] == ["first", second.kid]
        assert provider.require == {"userinfo:country": ("NO",)}
        assert provider.accept_acr == {"idporten-loa-high": 4}
        assert provider.may_reach("https://login.idporten.no/token")
        assert isinstance(offered.numbers, GraphNumbers)
        assert [key["kid"] for key in eids.published] == ["first", second.kid]
        assert not offered.client.client.follow_redirects
        assert offered.client.client.timeout.read == 5


async def test_where_the_numbers_are(users: Users, tmp_path: Path) -> None:
    (tmp_path / "numbers").write_text("", encoding="utf-8")
    secret = {"client_auth": "client_secret_basic", "secret": "s"}
    settings = settings_of(
        entry(**secret, label=None),
        entry(**secret, name="looked-up", number_source="url:https://hr.example/match"),
        entry(**secret, name="filed", number_source=f"file:{tmp_path / 'numbers'}"),
        entry(**secret, name="off", number_source="none"),
        secrets={"number_key": [base64.b64encode(bytes(32)).decode()]},
    )
    async with eids_of(settings, users) as eids:
        kinds = {name: type(offered.numbers) for name, offered in eids.offered.items()}
        assert kinds == {"idporten": GraphNumbers, "looked-up": LookedUpNumbers, "filed": FiledNumbers}
        assert [route.name for route in eids.routes] == list(kinds)
        assert eids.routes[0].label[Language.EN] == "idporten"
        assert eids.published == []


async def test_numbers_that_cannot_be_read_stop_the_start(users: Users, tmp_path: Path) -> None:
    settings = settings_of(entry(key=[new_key().pem.reveal()], number_source=f"file:{tmp_path / 'numbers'}"))
    with pytest.raises(BrokenNumbers):
        async with eids_of(settings, users):
            raise AssertionError


@pytest.mark.parametrize(
    "pem", ["", "canary", "-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----"]
)
async def test_a_key_that_is_none_stops_the_start(users: Users, pem: str) -> None:
    with pytest.raises(SettingsError, match="entry idporten: key must be an RSA private key") as refused:
        async with eids_of(settings_of(entry(key=[pem])), users):
            raise AssertionError
    assert "canary" not in str(refused.value)
