"""What neutral text looks like as elements of a card, and what signs become that Teams would read."""

from typing import Any

import pytest

from bot.render.message import Paragraph, Points, Span
from bot.teams import marking


def element(*spans: Span) -> dict[str, Any]:
    (only,) = marking.elements((Paragraph(spans),), 10_000)
    return only


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*a* _b_ ~c~ `d` a_b", "∗a∗ ＿b＿ ∼c∼ ˋdˋ a_b"),
        ("[x](https://evil.example)", "［x］(https∶//evil.example)"),
        ("<at>Approver</at>", "＜at>Approver＜/at>"),
        ("&lt; R&D &#42;", "＆lt; R&D ＆#42;"),
        ("{{DATE(2027-01-18)}} ${x}", "{｛DATE(2027-01-18)}} $｛x}"),
        (r"FJORD\kari \*", r"FJORD\kari ＼∗"),
        ("24. november", "24.\u00a0november"),
        ("- a", "-\u00a0a"),
        ("> a > b", "＞ a > b"),
        ("10.15 2FA -1", "10.15 2FA -1"),
        ("a\nb", "a b"),
    ],
)
def test_signs_that_teams_would_read_show_as_they_stand(text: str, shown: str) -> None:
    assert marking.literal(text) == shown


def test_a_line_without_a_link_is_runs_that_know_bold_and_code() -> None:
    found = element(Span("Choose "), Span("Next", bold=True), Span(" or "), Span("aka.ms", code=True))
    assert found == {
        "type": "RichTextBlock",
        "inlines": [
            {"type": "TextRun", "text": "Choose "},
            {"type": "TextRun", "text": "Next", "weight": "bolder"},
            {"type": "TextRun", "text": " or "},
            {"type": "TextRun", "text": "aka.ms", "fontType": "monospace"},
        ],
    }


def test_a_line_with_a_link_is_markdown_of_which_only_the_link_and_bold_are_ours() -> None:
    link = Span("set ]( up", bold=True, url="https://fjordheim.example/?a=(1)&b=2")
    found = element(
        Span("*See*!"), link, Span(" "), Span("«now»: ", bold=True), Span("[x](https://y.example)")
    )
    assert found == {
        "type": "TextBlock",
        "wrap": True,
        "text": "∗See∗！[**set ］( up**](https://fjordheim.example/?a=%281%29&b=2) «**now**»: "
        "［x］(https∶//y.example)",
    }


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc", "https://x.example/" + "a" * 2000]
)
def test_a_link_to_anything_but_a_page_or_an_address_is_only_words(url: str) -> None:
    assert element(Span("words", url=url))["inlines"] == [{"type": "TextRun", "text": "words"}]


def test_points_stand_beside_their_marks() -> None:
    rows: list[Any] = marking.elements((Points(((Span("a"),), (Span("b"),)), ordered=True, start=3),), 10_000)
    assert [row["type"] for row in rows] == ["ColumnSet", "ColumnSet"]
    texts = [[column["items"][0]["inlines"][0]["text"] for column in row["columns"]] for row in rows]
    assert texts == [["3.\u00a0", "a"], ["4.\u00a0", "b"]]


def test_a_line_break_begins_a_text_of_its_own() -> None:
    found = element(Span("one\ntwo ", bold=True), Span("three"))
    assert found["type"] == "Container"
    assert [[run["text"] for run in item["inlines"]] for item in found["items"]] == [
        ["one"],
        ["two ", "three"],
    ]
    assert found["items"][1]["spacing"] == "none"
