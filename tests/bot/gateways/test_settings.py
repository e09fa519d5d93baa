"""The settings of gateways: what is off, what is refused, and what is built of them."""

from pathlib import Path

import pytest

from bot.gateways.building import gateways_of
from bot.gateways.contacts import FiledContacts, GraphContacts, LookedUpContacts, NoContacts
from bot.render.words import Words
from bot.settings import Settings, SettingsError, load
from graph.mail import Mails
from tests.graph.rig import Rig

ID = "0b5c1e0a-7d4f-5a52-9a07-3f1f7a9f0001"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "app.yaml"


def loaded(file: Path, text: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load(file, {}, complete=False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sms: {key: canary}", "sms.key is of no use without sms.url"),
        ("sms: {url: 'http://sms.example'}", "sms.url must begin with https://"),
        ("mail: {sender: canary}", "mail.sender must be one mail address"),
        ("mail: {sender: 'a@b.no, c@d.no'}", "mail.sender must be one mail address"),
        ("security: {mail: a@b.no}", "security.mail needs mail.sender"),
        (f"security: {{mail: {ID}}}", "security.mail must be one mail address"),
        ("security: {webhook_key: canary}", "security.webhook_key is of no use without security.webhook"),
        ("security: {webhook: 'http://siem.example'}", "security.webhook must begin with https://"),
        ("verification: {contact_source: canary}", "verification.contact_source must be graph:PATH"),
        ("verification: {contact_source: 'file:none.csv'}", "none.csv, which is not there"),
    ],
)
def test_a_mistake_stops_the_start(file: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(file, text)
    assert told in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind", "sms", "mail"),
    [
        ("{}", NoContacts, False, False),
        ("sms: {url: 'https://sms.example/send'}", NoContacts, True, False),
        (f"mail: {{sender: {ID}}}", NoContacts, False, True),
        ("mail: {sender: desk@fjordheim.example}", NoContacts, False, True),
        ("verification: {contact_source: 'url:https://hr.example/contact'}", LookedUpContacts, False, False),
        ("verification: {contact_source: 'graph:employeeId'}", GraphContacts, False, False),
        ("verification: {contact_source: 'file:contacts.csv'}", FiledContacts, False, False),
    ],
)
async def test_what_is_not_set_is_off(
    file: Path, words: Words, rig: Rig, text: str, kind: type[object], sms: bool, mail: bool
) -> None:
    (file.parent / "contacts.csv").write_text("account,kind,value,changed\n", encoding="utf-8")
    settings = loaded(file, text)
    async with gateways_of(settings, rig.users, Mails(rig.client), words, rig.clock) as channels:
        assert isinstance(channels.contacts, kind)
        assert (channels.sms is not None, channels.mail is not None) == (sms, mail)


async def test_a_broken_file_stops_the_start(file: Path, words: Words, rig: Rig) -> None:
    (file.parent / "contacts.csv").write_text("canary", encoding="utf-8")
    settings = loaded(file, "verification: {contact_source: 'file:contacts.csv'}")
    with pytest.raises(SettingsError) as caught:
        async with gateways_of(settings, rig.users, Mails(rig.client), words, rig.clock):
            pass
    assert "contacts.csv, line 1" in str(caught.value)
    assert "canary" not in str(caught.value)
