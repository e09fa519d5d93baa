"""Every message is a valid page: escaped, labelled, and with the pass only where it belongs."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.render.html import Pages
from bot.render.words import Words
from graph.secret import Secret
from handlers.messages import CasePage, ClaimPage, Data, Language, PassPage, all_messages, name_of
from handlers.states import CaseState

EXAMPLES = [example for message in all_messages() for example in message.examples()]
HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=y>', "{{ 7*7 }}", "</main>", "&lt;b&gt;")
VOID = {"meta", "link", "input", "br"}


@dataclass
class Element:
    """A start tag, and the text up to its end."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """Reads a page and refuses what is not balanced."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    assert not page.open
    return page


@pytest.fixture(scope="session")
def pages(words: Words, templates: Path) -> Pages:
    return Pages(words, templates / "web")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("message", tuple(all_messages()), ids=name_of)
def test_every_example_is_a_page(pages: Pages, message: type[Data], language: Language) -> None:
    for example in message.examples():
        try:
            _is_a_page(pages.show(example, language), language)
        except AssertionError as error:
            error.add_note(repr(example))
            raise


def _is_a_page(html: str, language: Language) -> None:
    page = read(html)
    assert page.all("html")[0].attributes["lang"] == language.value
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert page.all("title")[0].text.strip(" –")
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    for element in page.elements:
        assert element.tag not in {"script", "style", "iframe", "img", "object"}
        assert "style" not in element.attributes
        assert not any(name.startswith("on") for name in element.attributes)
        for reference in (element.attributes.get("aria-describedby") or "").split():
            assert reference in ids
        if element.tag == "input" and element.attributes["type"] == "text":
            assert any(label.attributes.get("for") == element.attributes["id"] for label in page.all("label"))
    loaded = [element.attributes["href"] for element in page.all("link")]
    assert loaded == ["/static/site.css"]


def test_a_code_is_sent_to_the_case_and_its_problem_is_announced(pages: Pages) -> None:
    page = read(pages.show(ClaimPage("wrong-code"), Language.EN))
    form, box = page.all("form")[0], page.all("input")[0]
    assert (form.attributes["method"], form.attributes["action"]) == ("post", "/case")
    assert box.attributes["aria-invalid"] == "true"
    problem = next(element for element in page.elements if element.attributes.get("role") == "alert")
    assert problem.attributes["id"] in str(box.attributes["aria-describedby"]).split()
    assert "does not work" in problem.text


def test_buttons_that_stand_alone_have_an_address_each(pages: Pages) -> None:
    page = read(pages.show(CasePage("K7QF-2M", CaseState.APPROVED, "a@b.example"), Language.EN))
    assert [form.attributes["action"] for form in page.all("form")] == ["/case/show", "/case/stop"]


def test_a_page_that_takes_a_code_can_still_stop_the_case(pages: Pages) -> None:
    for case in (
        CasePage("K7QF-2M", CaseState.VERIFYING, "a@b.example"),
        CasePage("K7QF-2M", CaseState.APPROVED, "a@b.example", "evidence-old"),
    ):
        page = read(pages.show(case, Language.EN))
        assert [form.attributes["action"] for form in page.all("form")] == ["/case"]
        assert [button.attributes.get("formaction") for button in page.all("button")] == [None, "/case/stop"]
        assert "formnovalidate" in page.all("button")[1].attributes


def test_the_pass_stands_in_its_page_once_and_escaped(pages: Pages) -> None:
    html = pages.show(PassPage.examples()[0], Language.NB, secret=Secret("<i>&Xy9\"'"))
    page = read(html)
    assert [element.text for element in page.all("code")] == ["<i>&Xy9\"'"]
    assert not page.all("i")
    assert html.count("Xy9") == 1


def test_links_leave_the_page_that_is_shown_once_open(pages: Pages) -> None:
    page = read(pages.show(PassPage.examples()[0], Language.EN, secret=Secret("Xy9")))
    anchors = page.all("a")
    assert anchors
    for anchor in anchors:
        assert str(anchor.attributes["href"]).startswith("https://")
        assert anchor.attributes["target"] == "_blank"
        assert anchor.attributes["rel"] == "noopener noreferrer"


@pytest.mark.parametrize("example", [it for it in EXAMPLES if not isinstance(it, PassPage)][:12], ids=repr)
def test_no_other_page_takes_a_pass(pages: Pages, example: Data) -> None:
    with pytest.raises(ValueError, match="shows no pass") as error:
        pages.show(example, Language.EN, secret=Secret("Xy9"))
    assert "Xy9" not in str(error.value)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(), st.sampled_from(HOSTILE)))
def test_values_are_text(pages: Pages, text: str) -> None:
    html = pages.show(CasePage(text, CaseState.APPROVED, text, show_until=None), Language.EN)
    plain = pages.show(CasePage("x", CaseState.APPROVED, "x", show_until=None), Language.EN)
    tags = [element.tag for element in read(html).elements]
    expected = [element.tag for element in read(plain).elements]
    assert tags == expected or len(tags) < len(expected)
