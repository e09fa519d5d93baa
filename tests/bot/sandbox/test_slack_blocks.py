"""The Block Kit rules: at each limit a payload passes, one past it is refused at the right place."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack.blocks import check_message, check_view, named, too_long, view_too_large

Body = dict[str, Any]


def plain(length: int = 5) -> Body:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int = 5) -> Body:
    return {"type": "mrkdwn", "text": "x" * length}


def button(**more: Any) -> Body:
    return {"type": "button", "text": plain()} | more


def actions(*elements: Body) -> list[Body]:
    return [{"type": "actions", "elements": list(elements)}]


def options(count: int) -> list[Body]:
    return [{"text": plain(), "value": str(number)} for number in range(count)]


def select(count: int = 2, **more: Any) -> Body:
    return {"type": "static_select", "options": options(count)} | more


def field(**more: Any) -> Body:
    return {"type": "input", "label": plain(), "element": {"type": "plain_text_input"}} | more


def modal(**more: Any) -> Body:
    return {"type": "modal", "title": plain(), "submit": plain(), "blocks": [{"type": "divider"}]} | more


def confirm(title: int = 5, text: int = 5, yes: int = 5, no: int = 5) -> Body:
    return {"title": plain(title), "text": mrkdwn(text), "confirm": plain(yes), "deny": plain(no)}


BLOCK_LIMITS: dict[str, tuple[int, Callable[[int], list[Body]], str]] = {
    "blocks": (50, lambda n: [{"type": "divider"}] * n, "/blocks"),
    "section text": (3000, lambda n: [{"type": "section", "text": mrkdwn(n)}], "/blocks/0/text/text"),
    "fields": (10, lambda n: [{"type": "section", "fields": [mrkdwn()] * n}], "/blocks/0/fields"),
    "field": (2000, lambda n: [{"type": "section", "fields": [mrkdwn(n)]}], "/blocks/0/fields/0/text"),
    "header": (150, lambda n: [{"type": "header", "text": plain(n)}], "/blocks/0/text/text"),
    "context": (10, lambda n: [{"type": "context", "elements": [mrkdwn()] * n}], "/blocks/0/elements"),
    "actions": (25, lambda n: actions(*[button()] * n), "/blocks/0/elements"),
    "block id": (255, lambda n: [{"type": "divider", "block_id": "x" * n}], "/blocks/0/block_id"),
    "button text": (75, lambda n: actions(button(text=plain(n))), "/blocks/0/elements/0/text/text"),
    "button value": (2000, lambda n: actions(button(value="x" * n)), "/blocks/0/elements/0/value"),
    "button url": (
        3000,
        lambda n: actions(button(url="https://" + "x" * (n - 8))),
        "/blocks/0/elements/0/url",
    ),
    "action id": (255, lambda n: actions(button(action_id="x" * n)), "/blocks/0/elements/0/action_id"),
    "options": (100, lambda n: actions(select(n)), "/blocks/0/elements/0/options"),
    "option text": (
        75,
        lambda n: actions(select(options=[{"text": plain(n), "value": "1"}])),
        "/blocks/0/elements/0/options/0/text/text",
    ),
    "option value": (
        150,
        lambda n: actions(select(options=[{"text": plain(), "value": "x" * n}])),
        "/blocks/0/elements/0/options/0/value",
    ),
    "overflow": (
        5,
        lambda n: actions({"type": "overflow", "options": options(n)}),
        "/blocks/0/elements/0/options",
    ),
    "placeholder": (
        150,
        lambda n: actions(select(placeholder=plain(n))),
        "/blocks/0/elements/0/placeholder/text",
    ),
    "radio buttons": (
        10,
        lambda n: actions({"type": "radio_buttons", "options": options(n)}),
        "/blocks/0/elements/0/options",
    ),
    "confirm title": (
        100,
        lambda n: actions(button(confirm=confirm(title=n))),
        "/blocks/0/elements/0/confirm/title/text",
    ),
    "confirm text": (
        300,
        lambda n: actions(button(confirm=confirm(text=n))),
        "/blocks/0/elements/0/confirm/text/text",
    ),
    "confirm yes": (
        30,
        lambda n: actions(button(confirm=confirm(yes=n))),
        "/blocks/0/elements/0/confirm/confirm/text",
    ),
    "confirm no": (
        30,
        lambda n: actions(button(confirm=confirm(no=n))),
        "/blocks/0/elements/0/confirm/deny/text",
    ),
    "label": (2000, lambda n: [field(label=plain(n))], "/blocks/0/label/text"),
    "hint": (2000, lambda n: [field(hint=plain(n))], "/blocks/0/hint/text"),
    "image alt": (
        2000,
        lambda n: [{"type": "image", "image_url": "https://x", "alt_text": "x" * n}],
        "/blocks/0/alt_text",
    ),
    "markdown": (12_000, lambda n: [{"type": "markdown", "text": "x" * n}], "/blocks/0/text"),
}


@pytest.mark.parametrize("name", BLOCK_LIMITS)
def test_limits_of_blocks(name: str) -> None:
    most, build, pointer = BLOCK_LIMITS[name]
    assert check_message(build(most)) == []
    assert pointer in [problem.pointer for problem in check_message(build(most + 1))]


VIEW_LIMITS: dict[str, tuple[int, Callable[[int], Body], str]] = {
    "title": (24, lambda n: modal(title=plain(n)), "/view/title/text"),
    "submit": (24, lambda n: modal(submit=plain(n)), "/view/submit/text"),
    "close": (24, lambda n: modal(close=plain(n)), "/view/close/text"),
    "metadata": (3000, lambda n: modal(private_metadata="x" * n), "/view/private_metadata"),
    "callback": (255, lambda n: modal(callback_id="x" * n), "/view/callback_id"),
    "external": (255, lambda n: modal(external_id="x" * n), "/view/external_id"),
    "blocks": (100, lambda n: modal(blocks=[{"type": "divider"}] * n), "/view/blocks"),
}


@pytest.mark.parametrize("name", VIEW_LIMITS)
def test_limits_of_views(name: str) -> None:
    most, build, pointer = VIEW_LIMITS[name]
    assert check_view(build(most)) == []
    assert pointer in [problem.pointer for problem in check_view(build(most + 1))]


REFUSED: dict[str, list[Any]] = {
    "an unknown block": [{"type": "marquee"}],
    "a block that is none": ["text"],
    "a block without type": [{"text": plain()}],
    "an unknown key": [{"type": "divider", "colour": "red"}],
    "an empty section": [{"type": "section"}],
    "an empty text": [{"type": "section", "text": mrkdwn(0)}],
    "a bare string": [{"type": "section", "text": "hello"}],
    "markup in a header": [{"type": "header", "text": mrkdwn()}],
    "markup in a button": actions(button(text=mrkdwn())),
    "emoji in mrkdwn": [{"type": "section", "text": mrkdwn() | {"emoji": True}}],
    "an unknown element": actions({"type": "lever"}),
    "an input element among actions": actions({"type": "plain_text_input"}),
    "a button in an input": [field(element=button())],
    "a button in a context": [{"type": "context", "elements": [button()]}],
    "no actions": actions(),
    "the same action twice": actions(button(action_id="a"), button(action_id="a")),
    "the same block id twice": [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
    "a style that does not exist": actions(button(style="warning")),
    "a url that is none": actions(button(url="javascript:alert(1)")),
    "a number as value": actions(button(value=1)),
    "no options": actions(select(0)),
    "options and groups": actions(select(option_groups=[{"label": plain(), "options": options(1)}])),
    "the same option twice": actions(select(options=options(1) * 2)),
    "an initial option that is not there": actions(select(initial_option={"text": plain(), "value": "9"})),
    "initial options that are not there": [
        field(element={"type": "checkboxes", "options": options(1), "initial_options": options(2)})
    ],
    "a flag that is none": [field(optional="yes")],
    "no label": [{"type": "input", "element": {"type": "plain_text_input"}}],
    "a length that is none": [field(element={"type": "plain_text_input", "max_length": 4000})],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    assert check_message(REFUSED[name])


REFUSED_VIEWS: dict[str, Any] = {
    "no object": "modal",
    "an unknown type": modal(type="dialog"),
    "no title": {"type": "modal", "blocks": [{"type": "divider"}]},
    "no blocks": modal(blocks=[]),
    "an input without submit": {"type": "modal", "title": plain(), "blocks": [field()]},
    "markdown": modal(blocks=[{"type": "markdown", "text": "x"}]),
    "a title on a home": {"type": "home", "title": plain(), "blocks": [{"type": "divider"}]},
    "an unknown key": modal(colour="red"),
    "markup in the title": modal(title=mrkdwn()),
}


@pytest.mark.parametrize("name", REFUSED_VIEWS)
def test_views_that_are_refused(name: str) -> None:
    assert check_view(REFUSED_VIEWS[name])


def test_what_passes() -> None:
    fine = [
        {"type": "header", "text": plain() | {"emoji": True}, "block_id": "h"},
        {"type": "section", "text": mrkdwn() | {"verbatim": True}, "accessory": button(style="danger")},
        *actions(button(action_id="a", confirm=confirm()), button(action_id="b"), select(action_id="c")),
        *actions(button(action_id="a")),
        {"type": "context", "elements": [{"type": "image", "image_url": "https://x", "alt_text": "x"}]},
        field(element={"type": "checkboxes", "options": options(2), "initial_options": options(1)}),
        field(element={"type": "number_input", "is_decimal_allowed": False}, optional=True),
        field(
            element={"type": "static_select", "option_groups": [{"label": plain(), "options": options(2)}]}
        ),
    ]
    assert check_message(fine) == []
    assert check_view(modal(blocks=fine, notify_on_close=True, close=None)) == []
    assert check_view({"type": "home", "blocks": fine, "private_metadata": "x"}) == []


def test_the_whole_message() -> None:
    def sections(*lengths: int) -> list[Body]:
        return [{"type": "section", "text": plain(length)} for length in lengths]

    assert not too_long(sections(3000, 3000, 3000, 3000, 1200))
    assert too_long(sections(3000, 3000, 3000, 3000, 1201))
    assert too_long([{"type": "markdown", "text": "x" * 6001}] * 2)


def test_the_whole_view() -> None:
    assert not view_too_large(modal(blocks=[{"type": "section", "text": plain(2900)}] * 80))
    assert view_too_large(modal(blocks=[{"type": "section", "text": plain(2900)}] * 90))


def test_names_are_given_where_the_app_gave_none() -> None:
    blocks = actions(button(), button(action_id="mine"))
    [kept] = named(blocks)
    assert kept["block_id"]
    assert kept["elements"][0]["action_id"]
    assert kept["elements"][1]["action_id"] == "mine"
    assert "block_id" not in blocks[0]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "elements", "element", "fields", "accessory", "options", "confirm"]
            ),
            inner
            | st.sampled_from(
                ["section", "actions", "button", "input", "mrkdwn", "plain_text", "static_select"]
            ),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_nothing_makes_the_check_stumble(anything: object) -> None:
    check_message(anything)
    check_message([anything])
    check_view(anything)
    check_view({"type": "modal", "blocks": anything})
