"""The rules around codes: how they are read, what is told of an address, and which addresses count."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from graph.secret import Secret
from handlers.ports import Address
from handlers.records import SentCode
from handlers.store.cleaning import clean
from handlers.verification.codes import Aside
from handlers.verification.codes.recovery import ALPHABET, LENGTH, normal, spoken
from handlers.verification.codes.sending import detail_of, facts, is_work_mail, unchanged_days
from tests.handlers.rig import NORA, NOW, Rig

DAY = date(2026, 4, 24)
CODES = st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(CODES, st.data())
def test_a_code_is_read_as_it_was_meant(code: str, data: st.DataObject) -> None:
    """Small letters, the look-alikes O, I and L, and whatever stands between."""
    alike = {"0": "0oO", "1": "1iIlL"}
    typed = "".join(
        data.draw(st.sampled_from(alike.get(letter, letter + letter.lower())))
        + data.draw(st.sampled_from(["", " ", "-", "–", "\u00a0"]))
        for letter in spoken(code)
    )
    assert normal(typed) == code


@given(st.text())
def test_reading_twice_is_reading_once(typed: str) -> None:
    read = normal(typed)
    assert normal(read) == read
    assert set(read) <= set(ALPHABET)


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.dates())
def test_two_digits_of_a_number_are_told(number: str, since: date) -> None:
    told = detail_of(Address(Secret(number), since), "phone")
    assert told == f"··{number[-2:]}, {since.isoformat()}"
    assert clean(told) == told


@given(
    st.from_regex(r"[a-z0-9.+_-]{1,60}", fullmatch=True),
    st.from_regex(r"[a-z0-9-]{2,40}\.(no|com|example)", fullmatch=True),
)
def test_little_of_a_mailbox_is_told(name: str, domain: str) -> None:
    told = detail_of(Address(Secret(f"{name}@{domain}"), DAY), "mail")
    end = domain.rpartition(".")[2]
    assert told == f"{name[0]}··@{domain[0]}··.{end}, 2026-04-24"
    assert clean(told) == told


@pytest.mark.parametrize(
    ("changed", "days"),
    [(DAY, 30), (DAY + timedelta(days=1), 29), (DAY + timedelta(days=31), -1), (None, -1)],
)
def test_days_are_counted_from_a_known_day(changed: date | None, days: int) -> None:
    address = Address(Secret("+4799912342"), changed)
    assert unchanged_days(address, DAY + timedelta(days=30)) == days


async def test_the_mailbox_that_is_lost_is_none(rig: Rig) -> None:
    nora = await rig.directory.users.get(rig.id(NORA))
    for mailbox in (
        nora.upn,
        nora.upn.upper(),
        "alias@fjordheim.example",
        "x@FJORDHEIM.example",
        "x@stud.fjordheim.example",
    ):
        assert is_work_mail(mailbox, nora)
    for mailbox in ("nora@privat.example", "fjordheim.example@privat.example", "x@not-fjordheim.example"):
        assert not is_work_mail(mailbox, nora)


def test_a_code_counts_for_all_that_is_told_of_it() -> None:
    row = SentCode(case="K7QF-2M", route="sms", code_mac="", detail="··42", sent_at=NOW, until=NOW)
    other = [
        SentCode(**(row.model_dump() | changed))
        for changed in ({"case": "K7QF-2N"}, {"route": "mail"}, {"detail": "··43"})
    ]
    assert len({facts(row, "1"), facts(row, "2"), *(facts(each, "1") for each in other)}) == 5


async def test_what_fails_aside_is_told_by_its_kind_alone() -> None:
    async def breaks() -> None:
        raise ValueError("canary")

    aside = Aside()
    with capture_logs() as told:
        aside.do(breaks())
        assert await aside.idle()
    assert told == [{"event": "aside-failed", "error": "ValueError", "log_level": "error"}]
