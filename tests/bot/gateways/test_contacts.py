"""Where addresses are held: every source says the same, and what is not clear counts as nothing or as no answer."""

import json
import os
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SystemClock
from bot.gateways.contacts import (
    BrokenContacts,
    FiledContacts,
    GraphContacts,
    LookedUpContacts,
    NoContacts,
    contact_of,
    mailbox_of,
    number_of,
)
from bot.sandbox.entra import directory
from bot.sandbox.gateways import GatewayEmulator
from bot.sandbox.world import FJORDHEIM
from graph.secret import Secret
from handlers.ports import Address, Contact, ContactsUnavailable
from tests.graph.rig import Rig

NORAS = FJORDHEIM.named("Nora Lindqvist").object_id
PHONE = Address(Secret("+4799912342"), date(2026, 4, 1))
MAIL = Address(Secret("nora@privat.example"), None)
TOLD = {
    "phone": {"value": "+47 999 12 342", "changed": "2026-04-01"},
    "mail": {"value": "nora@privat.example", "changed": None},
}


@pytest.fixture
async def service() -> AsyncIterator[GatewayEmulator]:
    async with GatewayEmulator(FJORDHEIM, SystemClock()) as running:
        yield running


async def test_a_service_is_asked_for_one_account(service: GatewayEmulator) -> None:
    service.contacts[NORAS] = dict(TOLD)
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        source = LookedUpContacts(client, service.contacts_url)
        assert await source.of(NORAS) == Contact(PHONE, MAIL)
        assert await source.of("00000000-0000-0000-0000-000000000000") == Contact()
        assert service.lookups == [NORAS, "00000000-0000-0000-0000-000000000000"]
        for status in (204, 302, 404, 500):
            service.contacts_status = status
            with pytest.raises(ContactsUnavailable):
                await source.of(NORAS)
        service.contacts_status = None
        shapes: tuple[dict[str, object], ...] = (
            {},
            {"phone": None},
            {"phone": "+4799912342", "mail": None},
            {"phone": [], "mail": None},
        )
        for shape in shapes:
            service.contacts[NORAS] = shape
            with pytest.raises(ContactsUnavailable):
                await source.of(NORAS)


@pytest.mark.parametrize(
    ("held", "found"),
    [
        (None, Contact()),
        (json.dumps(TOLD), Contact(PHONE, MAIL)),
        ('{"phone": null}', Contact()),
        ("+4799912342", None),
        ("[]", None),
        ("{", None),
    ],
)
async def test_a_property_of_the_account(
    rig: Rig, held: str | None, found: Contact | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = directory.user_fields
    monkeypatch.setattr(
        directory,
        "user_fields",
        lambda *args: fields(*args) | {"onPremisesExtensionAttributes": {"extensionAttribute5": held}},
    )
    source = GraphContacts(rig.users, "onPremisesExtensionAttributes/extensionAttribute5")
    if found is not None:
        assert await source.of(NORAS) == found
        return
    with pytest.raises(ContactsUnavailable) as caught:
        await source.of(NORAS)
    assert "999" not in repr(caught.value)


async def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(
        f"\ufeffaccount,kind,value,changed\n{NORAS.upper()},phone,0047 999 12 342,2026-04-01\n\n"
        f"{NORAS},mail,nora@privat.example,\n",
        encoding="utf-8",
    )
    source = FiledContacts(file)
    assert await source.of(NORAS) == Contact(PHONE, MAIL)
    assert await source.of("somebody") == Contact()
    assert "999" not in repr(source)
    file.write_text(f"{NORAS},phone,+4799912342,2026-04-01\n", encoding="utf-8")
    os.utime(file, (1, 1))
    assert await source.of(NORAS) == Contact(PHONE)
    file.write_text("nonsense", encoding="utf-8")
    os.utime(file, (2, 2))
    with pytest.raises(ContactsUnavailable):
        await source.of(NORAS)
    assert await NoContacts().of(NORAS) == Contact()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nora,phone,+4799912342,", "must be an object id"),
        (f"{NORAS},phone,+4799912342", "must be an object id"),
        (f"{NORAS},post,+4799912342,", "must be phone or mail"),
        (f"{NORAS},phone,99912342,", "country code"),
        (f"{NORAS},mail,99912342,", "no mailbox"),
        (f"{NORAS},phone,+4799912342,01.04.2026", "must be a date"),
        (f"{NORAS},phone,+4799912342,\n{NORAS},phone,+4799912343,", "line 2: the account has a second phone"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(BrokenContacts) as caught:
        FiledContacts(file)
    assert told in str(caught.value)
    assert "999" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BrokenContacts):
        FiledContacts(tmp_path / "contacts.csv")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("+47 999 12 342", "+4799912342"),
        ("0047 99912342", "+4799912342"),
        ("+46 (8) 123-456.78", "+46812345678"),
        ("99912342", None),
        ("+0799912342", None),
        ("+47999123421234567", None),
        ("+47 999 12 342, +47 999 12 343", None),
        ("", None),
    ],
)
def test_a_number_needs_its_country_code(value: str, number: str | None) -> None:
    assert number_of(value) == number


@given(st.text())
def test_what_is_taken_for_an_address_has_its_form(value: str) -> None:
    number, mailbox = number_of(value), mailbox_of(value)
    assert number is None or (number.startswith("+") and number[1:].isascii() and number[1:].isdigit())
    assert mailbox is None or (mailbox.count("@") == 1 and not set(mailbox) & set(' <>,;"\r\n'))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["phone", "mail", "value", "changed"]), inner)
        ),
    )
)
def test_no_answer_breaks_anything(told: object) -> None:
    try:
        contact = contact_of(told)
    except ContactsUnavailable:
        return
    for address in (contact.phone, contact.mail):
        assert address is None or address.value
