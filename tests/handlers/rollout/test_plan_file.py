"""Reading a plan file: what is accepted, and that every line that is not is named."""

import csv
import io
import time
import tracemalloc
from datetime import date
from typing import Literal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from handlers.messages import Language
from handlers.rollout.plan_file import Parsed, PlanRow, parse

HEADER = "account,activation_day,wave,language"


def of(text: str) -> Parsed:
    return parse(text.encode())


def the_only_problem(parsed: Parsed) -> tuple[int, str, str]:
    (problem,) = parsed.problems
    assert problem.remedy
    return problem.line, problem.column, problem.what


def test_a_whole_line() -> None:
    assert of(f"{HEADER}\nanna@fjordheim.example,2027-01-18,First,nn\n").rows == (
        PlanRow(2, "anna@fjordheim.example", date(2027, 1, 18), "First", Language.NN),
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"account,activation_day\nanna@x.no,2027-01-18", id="no line end"),
        pytest.param(
            b"account;activation_day\r\nanna@x.no;18.01.2027\r\n", id="semicolons, CRLF, Norwegian date"
        ),
        pytest.param(b"account,activation_day\ranna@x.no,2027-01-18\r", id="CR alone"),
        pytest.param(b"\xef\xbb\xbfaccount,activation_day\nanna@x.no,2027-01-18\n", id="byte order mark"),
        pytest.param(
            b"\n\nAccount , ACTIVATION_DAY\n\nanna@x.no , 2027-01-18 \n,\n\n", id="case, space, blanks"
        ),
        pytest.param(b"activation_day,account\n2027-01-18,anna@x.no\n", id="other order"),
        pytest.param(b'"account";"activation_day"\n"anna@x.no";"2027-01-18"\n', id="quotes"),
        pytest.param(
            b"account;activation_day;;\nanna@x.no;2027-01-18;;\n", id="empty columns of a spreadsheet"
        ),
    ],
)
def test_the_same_row_from_every_accepted_form(data: bytes) -> None:
    parsed = parse(data)
    assert parsed.problems == ()
    assert [(row.account, row.activation_day) for row in parsed.rows] == [("anna@x.no", date(2027, 1, 18))]


def test_an_empty_day_takes_out_and_columns_that_are_not_there_are_known() -> None:
    parsed = of("account,activation_day\nanna@x.no,\n")
    assert parsed.rows == (PlanRow(2, "anna@x.no", None),)
    assert parsed.columns == {"account", "activation_day"}


def test_an_object_id_in_any_spelling_is_one() -> None:
    parsed = of("account,activation_day\n{5B0E7D1C-8A0E-4F1E-9A53-2F6A1F7C9D21},2027-01-18\n")
    assert parsed.rows[0].account == "5b0e7d1c-8a0e-4f1e-9a53-2f6a1f7c9d21"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_norwegian_letters_in_every_encoding(encoding: str) -> None:
    text = f"{HEADER}\nåse@fjordheim.example,2027-01-18,Bølge – æra,nb\n"
    (row,) = parse(text.encode(encoding)).rows
    assert (row.account, row.wave) == ("åse@fjordheim.example", "Bølge – æra")


@pytest.mark.parametrize(
    ("line", "column", "what"),
    [
        ("anna@x.no,2027-02-31,,", "activation_day", "2027-02-31 is not in the calendar"),
        ("anna@x.no,29.02.2027,,", "activation_day", "29.02.2027 is not in the calendar"),
        ("anna@x.no,0000-01-01,,", "activation_day", "0000-01-01 is not in the calendar"),
        ("anna@x.no,9999-12-31,,", "activation_day", "the year 9999 cannot be meant"),
        ("anna@x.no,01/18/2027,,", "activation_day", "the activation day is not written as a date"),
        ("anna@x.no,18.1.27,,", "activation_day", "the activation day is not written as a date"),
        ("anna@x.no,２０２７-01-18,,", "activation_day", "the activation day is not written as a date"),
        (",2027-01-18,,", "account", "the account is empty"),
        ("anna,2027-01-18,,", "account", "the account is neither an address nor an object id"),
        ("a b@x.no,2027-01-18,,", "account", "the account is neither an address nor an object id"),
        ("a\u200bnna@x.no,2027-01-18,,", "account", "the account is too long or holds control characters"),
        (f"{'a' * 260}@x.no,2027-01-18,,", "account", "the account is too long or holds control characters"),
        ("anna@x.no,2027-01-18,,no", "language", "the language is not one of ours"),
        (
            f"anna@x.no,2027-01-18,{'w' * 81},",
            "wave",
            "the name of the wave is too long or holds control characters",
        ),
        ("anna@x.no", "", "the line has 1 cells and the header 4"),
        ("anna@x.no,2027-01-18", "", "the line has 2 cells and the header 4"),
        ("anna@x.no,2027-01-18,1,5,nb", "", "the line has more cells than the header has names (4)"),
        ("anna@x.no;2027-01-18;;", "", "the line has 1 cells and the header 4"),
        (
            '"anna@x.no,2027-01-18,,',
            "",
            "a quotation mark is not closed, or there is text after a closing one",
        ),
        (
            '"anna"@x.no,2027-01-18,,',
            "",
            "a quotation mark is not closed, or there is text after a closing one",
        ),
        ("anna@x.no\0,2027-01-18,,", "", "there is a NUL byte in the line"),
    ],
)
def test_a_bad_line_is_named_and_the_good_ones_around_it_are_read(line: str, column: str, what: str) -> None:
    parsed = of(f"{HEADER}\nbo@x.no,2027-01-18,,\n{line}\ncy@x.no,2027-01-18,,\n")
    assert the_only_problem(parsed) == (3, column, what)
    assert [row.account for row in parsed.rows] == ["bo@x.no", "cy@x.no"]


def test_a_decimal_comma_needs_quotes_in_a_comma_file() -> None:
    assert of(f'{HEADER}\nanna@x.no,2027-01-18,"1,5",nb\n').rows[0].wave == "1,5"
    assert of(f"{HEADER}\nanna@x.no,2027-01-18,1,5\n").problems[0].column == "language"
    assert of(f"{HEADER.replace(',', ';')}\nanna@x.no;2027-01-18;1,5;nb\n").rows[0].wave == "1,5"


@pytest.mark.parametrize(
    ("header", "column", "what"),
    [
        ("", "account", "missing column: account, activation_day; found: nothing"),
        ("account", "activation_day", "missing column: activation_day; found: account"),
        (
            "konto,aktiveringsdag",
            "account",
            "missing column: account, activation_day; found: konto, aktiveringsdag",
        ),
        (
            "account,activation day",
            "activation_day",
            "missing column: activation_day; found: account, activation day",
        ),
        ("account,activation_day,bølge", "bølge", 'the column "bølge" is not one of the plan\'s'),
        ("account,activation_day,Account", "account", 'the column "account" is there twice'),
        ("010190 12345,x", "account", "missing column: account, activation_day; found: …, x"),
        ("\ufeff\ufeffaccount,b", "account", "missing column: account, activation_day; found: ?account, b"),
        (
            '"account,activation_day',
            "",
            "a quotation mark is not closed, or there is text after a closing one",
        ),
    ],
)
def test_a_header_that_cannot_be_used_is_the_one_problem(header: str, column: str, what: str) -> None:
    parsed = of(f"{header}\nanna@x.no,2027-01-18\n" if header else "")
    assert the_only_problem(parsed) == (1, column, what)
    assert parsed.rows == ()


def test_the_remedy_for_a_missing_column_is_the_line_to_write() -> None:
    assert "account,activation_day[,wave][,language]" in of("upn,dato\n").problems[0].remedy


def test_a_second_line_for_one_account_names_the_first() -> None:
    parsed = of("account,activation_day\nAnna@x.no,2027-99-18\nanna@X.no,2027-01-19\n")
    assert [(p.line, p.what) for p in parsed.problems] == [
        (2, "2027-99-18 is not in the calendar"),
        (3, "the account is in line 2 already"),
    ]


def test_utf_16_is_named() -> None:
    assert the_only_problem(parse("account;activation_day\n".encode("utf-16"))) == (
        1,
        "",
        "the file is in UTF-16",
    )


def test_a_line_in_another_encoding_is_named_and_does_not_spoil_the_rest() -> None:
    lines = [HEADER, "a@x.no,2027-01-18,Bølge,", "b@x.no,2027-01-18,Bølge,", "c@x.no,2027-01-18,Bølge,"]
    data = b"\n".join(line.encode("cp1252" if line.startswith("b") else "utf-8") for line in lines)
    parsed = parse(data)
    assert the_only_problem(parsed)[0] == 3
    assert [row.wave for row in parsed.rows] == ["Bølge", "Bølge"]


def test_bytes_of_no_encoding_are_named() -> None:
    parsed = parse(HEADER.encode() + b"\na@x.no,2027-01-18,\x81,\nb@x.no,2027-01-18,,\n")
    assert the_only_problem(parsed) == (
        2,
        "",
        "the line holds bytes that are neither UTF-8 nor Windows-1252",
    )
    assert [row.account for row in parsed.rows] == ["b@x.no"]


def test_no_problem_repeats_a_number_that_could_be_a_persons() -> None:
    number = "01019012345"
    parsed = of(
        f"{HEADER}\n{number},{number},{number},{number}\nb@x.no,{number},,\nc@x.no,2027-01-18,,{number}\n"
    )
    assert len(parsed.problems) == 3
    assert number not in repr(parsed.problems)


@pytest.mark.slow
def test_fifty_thousand_lines_with_one_bad_are_read_quickly_in_bounded_memory() -> None:
    good = [f"user{n}@fjordheim.example;18.01.2027;Bølge {n % 9};nb" for n in range(50_000)]
    good[41_234] = good[41_234].replace("18.01.2027", "31.02.2027")
    data = "\r\n".join([HEADER.replace(",", ";"), *good]).encode("utf-8-sig")
    started = time.process_time()
    parsed = parse(data)
    assert time.process_time() - started < 2
    assert the_only_problem(parsed)[0] == 41_236
    assert len(parsed.rows) == 49_999
    tracemalloc.start()
    try:
        parsed = parse(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


words = st.text(st.characters(codec="cp1252", exclude_categories=["C", "Z"]), max_size=20).map(str.strip)
"""Any wave name that the encoding can hold."""
rows = st.lists(
    st.tuples(
        st.from_regex(r"[a-zæøå0-9.'+_-]{1,20}@[a-z]{1,9}\.no", fullmatch=True),
        st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31)),
        words,
        st.sampled_from(["", "en", "nb", "nn"]),
    ),
    unique_by=lambda row: row[0].casefold(),
    max_size=8,
)


def looks_like_utf_8(line: bytes) -> bool:
    """Letters such as "Ã¦" side by side cannot be told from UTF-8 by anybody."""
    try:
        return not line.isascii() and bool(line.decode())
    except UnicodeDecodeError:
        return False


@given(
    rows,
    st.sampled_from([",", ";"]),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y"]),
    st.sampled_from(["\n", "\r\n"]),
    st.permutations(["account", "activation_day", "wave", "language"]),
    st.booleans(),
)
def test_what_is_written_is_read(
    table: list[tuple[str, date | None, str, str]],
    delimiter: str,
    encoding: str,
    form: str,
    line_end: str,
    order: list[str],
    quote_all: bool,
) -> None:
    out = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.DictWriter(out, order, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writeheader()
    for account, day, wave, language in table:
        written = day.strftime(form).rjust(10, "0") if day else ""
        writer.writerow(
            {"account": account, "activation_day": written, "wave": wave, "language": language},
        )
    data = out.getvalue().encode(encoding)
    assume(encoding != "cp1252" or not any(looks_like_utf_8(line) for line in data.splitlines()))
    parsed = parse(data)
    assert parsed.problems == ()
    assert [(r.account, r.activation_day, r.wave or "", r.language or "") for r in parsed.rows] == table


lines = st.lists(
    st.binary(max_size=60) | st.text("\"',;@.x2027-01 \t", max_size=60).map(str.encode), max_size=6
)


@given(lines)
@example([b'"', b'a@x.no,2027-01-18,"', b",,,", b"\xff"])
def test_no_bytes_break_it_and_every_line_is_read_or_named(noise: list[bytes]) -> None:
    parsed = parse(b"\n".join([HEADER.encode(), *noise]))
    named = {problem.line for problem in parsed.problems}
    assert named.isdisjoint(row.line for row in parsed.rows)
    assert all(problem.what and problem.remedy for problem in parsed.problems)
    assert all(row.account for row in parsed.rows)


@given(st.binary(max_size=300))
def test_no_file_breaks_it(data: bytes) -> None:
    parse(data)
