"""Forms that come back: what was filled in, and how the form looks until its outcome replaces it."""

from collections.abc import Iterator

from bot.shapes import at, items, text

Json = dict[str, object]

_LONGEST = 3_000
"""Of the text in a section: https://docs.slack.dev/reference/block-kit/blocks/section-block."""


def values(view: object) -> dict[str, str]:
    """The inputs by name. Several ticks are joined by commas, in the order of the alphabet."""
    found: dict[str, str] = {}
    state = at(view, "state", "values")
    if isinstance(state, dict):
        for inputs in state.values():
            if isinstance(inputs, dict):
                found |= {str(name): _value(element) for name, element in inputs.items()}
    return found


def _value(element: object) -> str:
    ticked = sorted(text(option, "value") for option in items(element, "selected_options"))
    chosen = text(element, "selected_option", "value") or text(element, "selected_user")
    return text(element, "value") or chosen or ",".join(ticked)


def frozen(view: object) -> Json:
    """The same form with nothing left to fill in or send: inputs become text.

    It answers a submission at once and without words of its own; the feature then replaces it. Slack refuses
    inputs without a submit button: https://docs.slack.dev/reference/views/modal-views.
    """
    kept = {name: at(view, name) for name in ("title", "close", "callback_id", "private_metadata")}
    return {
        "type": "modal",
        **{name: value for name, value in kept.items() if value},
        "blocks": list(_blocks(view)),
    }


def _blocks(view: object) -> Iterator[object]:
    for block in items(view, "blocks"):
        match text(block, "type"):
            case "input":
                yield _answered(block, at(view, "state", "values", text(block, "block_id")))
            case "actions":
                continue
            case _:
                yield block


def _answered(block: object, state: object) -> Json:
    """The label of an input and what was answered, as text that nobody can fill in."""
    element = at(state, text(block, "element", "action_id"))
    chosen = (*items(element, "selected_options"), at(element, "selected_option"))
    lines = [text(block, "label", "text"), text(element, "value")]
    lines += [text(option, "text", "text") for option in chosen]
    said = "\n".join(line for line in lines if line) or "…"
    shown = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
    return {"type": "section", "text": {"type": "plain_text", "text": shown}}
