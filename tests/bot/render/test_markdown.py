"""What templates may write, and what they may not."""

import pytest

from bot.render import markdown
from bot.render.message import Paragraph, Points, Span


def test_paragraphs_breaks_bold_code_and_links() -> None:
    text = "One **two**\nthree\\\nfour `five` [six **7**](https://fjordheim.example/a?b=1&c=2)\n\n\\*eight\\*"
    url = "https://fjordheim.example/a?b=1&c=2"
    assert markdown.parse(text) == (
        Paragraph(
            (
                Span("One "),
                Span("two", bold=True),
                Span(" three\nfour "),
                Span("five", code=True),
                Span(" "),
                Span("six ", url=url),
                Span("7", bold=True, url=url),
            )
        ),
        Paragraph((Span("*eight*"),)),
    )


def test_lists() -> None:
    assert markdown.parse("- a\n- b\n\n3. c\n4. d") == (
        Points(((Span("a"),), (Span("b"),))),
        Points(((Span("c"),), (Span("d"),)), ordered=True, start=3),
    )


@pytest.mark.parametrize(
    "address", ["https://fjordheim.example", "http://127.0.0.1:8080/case", "mailto:help@fjordheim.example"]
)
def test_addresses_that_a_link_may_have(address: str) -> None:
    assert markdown.parse(f"[x]({address})") == (Paragraph((Span("x", url=address),)),)


@pytest.mark.parametrize(
    "text",
    [
        "# heading",
        "heading\n===",
        "> quotation",
        "*slanted*",
        "![image](https://fjordheim.example/a.png)",
        "```\ncode\n```",
        "    code",
        "---",
        "<b>bold</b>",
        "<div>\nblock\n</div>",
        "- point\n  - in a point",
        "- one\n\n  two",
        "text\n*slanted*",
        "-",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hei)",
        "[x](/case)",
        "[x](https:)",
        "[x](mailto:)",
        "[x](<https://a.example/ b>)",
        "[x](https://[broken)",
    ],
)
def test_everything_else_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(markdown.Refused) as refused:
        markdown.parse(f"before\n\n{text}")
    assert 2 <= refused.value.line <= 4


def test_addresses_in_running_text_are_text() -> None:
    assert markdown.parse("www.example.com https://evil.example a@b.example") == (
        Paragraph((Span("www.example.com https://evil.example a@b.example"),)),
    )
