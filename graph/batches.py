"""Several requests as one to ``$batch``, and its one answer taken apart again."""

from collections.abc import Iterator, Sequence
from typing import Final

import httpx

from graph.calls import Call, body_of
from graph.errors import Unreadable
from graph.fields import Row, maybe_text, number, row, rows, text

MOST: Final = 20
"""Parts of one batch. https://learn.microsoft.com/graph/json-batching"""

_TOLD: Final = frozenset({"retry-after", "request-id", "date", "x-ms-ags-diagnostic"})
"""Headers of a part that mean something apart from the body, which is no longer encoded as they may say."""


def batches(root: httpx.URL, calls: Sequence[Call]) -> Iterator[tuple[Call, Sequence[Call]]]:
    """The requests to send, each with the reads that it holds. None of them depends on another."""
    url = httpx.URL(f"{root}/$batch")
    for start in range(0, len(calls), MOST):
        held = calls[start : start + MOST]
        parts = [_part(root, str(place), call) for place, call in enumerate(held)]
        yield Call("POST", url, "/$batch", {}, {"requests": parts}, alone=True), held


def chain(root: httpx.URL, first: Call, then: Call) -> Call:
    """One request that holds both; the second is carried out only once the first has worked."""
    parts = [_part(root, "0", first), _part(root, "1", then) | {"dependsOn": ["0"]}]
    url = httpx.URL(f"{root}/$batch")
    return Call("POST", url, f"/$batch {then.template}", {}, {"requests": parts}, then.timeout, alone=True)


def answers_in(response: httpx.Response, calls: Sequence[Call]) -> Sequence[httpx.Response]:
    """What each of these was answered, in their order, whatever order the parts came in.

    ``Unreadable`` when one is missing or answered twice: then nobody can tell which answer is whose.
    """
    told = rows(body_of(response), "responses")
    found = {text(part, "id"): part for part in told}
    if len(told) != len(calls) or set(found) != {str(place) for place in range(len(calls))}:
        raise Unreadable("the parts of a batch do not match what was asked")
    return [_answer(found[str(place)]) for place in range(len(calls))]


def _part(root: httpx.URL, own_id: str, call: Call) -> dict[str, object]:
    sent = call.url.raw_path.decode("ascii").removeprefix(root.raw_path.decode("ascii"))
    part: dict[str, object] = {"id": own_id, "method": call.method, "url": sent}
    headers = dict(call.headers)
    if call.body is not None:
        headers["Content-Type"] = "application/json"
        part["body"] = call.body
    return part | ({"headers": headers} if headers else {})


def _answer(part: Row) -> httpx.Response:
    headers = row(part.get("headers") or {})
    told = {name: maybe_text(headers, name) for name in headers if name.lower() in _TOLD}
    return httpx.Response(
        number(part, "status"),
        headers={name: value for name, value in told.items() if value is not None},
        json=part.get("body"),
    )
