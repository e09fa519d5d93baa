"""``$batch``: many requests in one, each answered for itself, and the answers in any order.

https://learn.microsoft.com/graph/json-batching
"""

import asyncio
import json
import random
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from bot.sandbox.entra.refusals import Refusal
from bot.sandbox.entra.requests import Answer

_MOST: Final = 20
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Part:
    """One request of a batch."""

    id: str
    method: str
    url: str
    """Below the version root, with its query."""
    headers: Mapping[str, str]
    body: bytes
    after: str | None
    """The part that has to work before this one is carried out."""

    @property
    def path(self) -> str:
        """The path alone."""
        return self.url.partition("?")[0]

    @property
    def query(self) -> str:
        """The query alone, as it was sent."""
        return self.url.partition("?")[2]

    @property
    def options(self) -> dict[str, str]:
        """The query, read."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


Dispatch = Callable[[Part], Awaitable[Answer]]


def parts_of(body: object) -> Sequence[Part]:
    """The requests of a batch. ``Refusal`` for one that Graph would not take."""
    told = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(told, list) or not told:
        raise _bad("Invalid batch payload format.")
    if len(told) > _MOST:
        raise _bad(f"Number of batch request steps exceeds the maximum value of {_MOST}.")
    parts = [_part(entry) for entry in told]
    ids = [part.id.lower() for part in parts]
    if len(set(ids)) != len(ids):
        raise _bad("Request Ids should be unique within a batch.")
    waiting = [part.after for part in parts]
    chain = [None, *(part.id for part in parts[:-1])]
    if any(waiting) and waiting != chain:
        raise _bad("Requests must be fully parallel or fully sequential.")
    return parts


async def answered(parts: Sequence[Part], dispatch: Dispatch) -> Answer:
    """Every answer, in any order. What depends on one that did not work is not carried out."""
    if any(part.after for part in parts):
        answers = await _one_by_one(parts, dispatch)
    else:
        answers = await asyncio.gather(*(dispatch(part) for part in parts))
    told = [_told(part, answer) for part, answer in zip(parts, answers, strict=True)]
    random.shuffle(told)
    return Answer(200, {"responses": told})


async def _one_by_one(parts: Sequence[Part], dispatch: Dispatch) -> Sequence[Answer]:
    answers: list[Answer] = []
    for part in parts:
        if answers and answers[-1].status >= 400:
            answers.append(Answer(424, {"error": {"code": "FailedDependency", "message": ""}}))
        else:
            answers.append(await dispatch(part))
    return answers


def _part(entry: object) -> Part:
    if not isinstance(entry, dict) or not entry.get("id"):
        raise _bad("Invalid batch payload format.")
    own_id, method, url = (str(entry.get(name, "")) for name in ("id", "method", "url"))
    headers, after, body = entry.get("headers", {}), entry.get("dependsOn", []), entry.get("body")
    if method.upper() not in _METHODS or not url.startswith("/") or "$batch" in url:
        raise _bad(f"The request '{own_id}' cannot be part of a batch.")
    if not isinstance(headers, dict) or not isinstance(after, list) or len(after) > 1:
        raise _bad("Invalid batch payload format.")
    if body is not None and "content-type" not in {str(name).lower() for name in headers}:
        raise _bad(f"The request '{own_id}' has a body and no Content-Type.")
    written = {str(name): str(value) for name, value in headers.items()}
    sent = b"" if body is None else json.dumps(body).encode()
    return Part(own_id, method.upper(), url, written, sent, str(after[0]) if after else None)


def _told(part: Part, answer: Answer) -> Mapping[str, object]:
    told: dict[str, object] = {"id": part.id, "status": answer.status, "headers": dict(answer.headers)}
    if answer.picture is not None:
        return told | {"body": b64encode(answer.picture).decode()}
    return told if answer.body is None else told | {"body": dict(answer.body)}


def _bad(message: str) -> Refusal:
    return Refusal(400, "BadRequest", message)
