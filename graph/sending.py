"""Sends requests to Graph: with a token, within limits, and again where that is safe.

The rules are those of https://learn.microsoft.com/graph/throttling and its best practices.
"""

import logging
import random
import ssl
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import structlog

from graph.batches import answers_in, batches, chain
from graph.calls import Answer, Call, NoAnswer, pause_asked, refused, request_id
from graph.errors import GraphError, OutcomeUnknown, Unavailable, Unreadable
from graph.pauses import own_pause
from graph.side_by_side import side_by_side
from graph.skew import ClockWatch
from graph.together import gathering
from graph.tokens import Tokens

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]

# Nothing has left this machine when one of these is raised.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_AGAIN = frozenset({429, 500, 502, 503, 504})
_ON_NEW_CONNECTION = frozenset({503, 504})
_NOT_CARRIED_OUT = 424
"""What a part of a batch is answered when the one that it depends on has failed."""


@dataclass(frozen=True)
class Limits:
    """How long and how often. All times in seconds."""

    connect: float = 10.0
    read: float = 30.0
    tries: int = 5
    patience: float = 120.0
    """What the pauses of one call may come to; a longer wait is the caller's business."""


class Sender:
    """One pool of connections, one application's tokens."""

    def __init__(
        self,
        tokens: Tokens,
        *,
        root: httpx.URL,
        ca_file: Path | None,
        limits: Limits,
        sleep: Sleep,
        rng: random.Random,
        watch: ClockWatch | None,
    ) -> None:
        self._tokens = tokens
        self._root = root
        self._trust = ssl.create_default_context(cafile=ca_file)
        self._limits = limits
        self._sleep = sleep
        self._rng = rng
        self._watch = watch
        self._client = self._open()
        _keep_addresses_out_of_the_log()

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def repeat(self, call: Call) -> httpx.Response:
        """Send what may be sent twice, until there is a clear answer or the limits are reached.

        A first try may leave with other reads; those after it go alone.
        """
        others = None if call.alone else gathering()
        answer = await (
            others.ask(call, self._batched) if others else self._try(call, on_new_connection=False)
        )
        tries, waited, unsure = 1, 0.0, False
        while True:
            if isinstance(answer, httpx.Response) and (
                answer.is_success or _was_deleted(call, answer, unsure=unsure)
            ):
                return answer
            pause = self._pause(answer, tries)
            failure = _failure(call, answer, pause)
            if not _worth_repeating(answer) or tries >= self._limits.tries:
                raise failure
            waited += pause
            if waited > self._limits.patience:
                raise failure
            await self._sleep(pause)
            unsure = unsure or _may_have_happened(answer)
            tries += 1
            answer = await self._try(call, on_new_connection=_needs_new_connection(answer))

    async def once(self, call: Call, *, first: Call | None = None) -> httpx.Response:
        """Send what must not happen twice. Only what never left, or was refused unread, is sent again.

        It goes out on a connection of its own: one from the pool may die unnoticed, and the outcome with it.
        ``first`` goes in the same request, and unless it works nothing else is done.
        """
        sent = call if first is None else chain(self._root, first, call)
        answer = await self._try(sent, on_new_connection=True)
        tries = 1
        while isinstance(answer, NoAnswer) and not answer.sent and tries < self._limits.tries:
            await self._sleep(self._pause(answer, tries))
            tries += 1
            answer = await self._try(sent, on_new_connection=True)
        if first is not None and isinstance(answer, httpx.Response) and answer.is_success:
            answer = self._second(first, call, answer)
        if isinstance(answer, httpx.Response) and answer.is_success:
            return answer
        if _may_have_happened(answer):
            raise _unknown(answer)
        raise _failure(call, answer, self._pause(answer, tries))

    def _second(self, first: Call, call: Call, response: httpx.Response) -> httpx.Response:
        """What the second of two was answered; the error of the first if that kept it from being carried out."""
        try:
            before, answer = answers_in(response, (first, call))
        except Unreadable:
            raise OutcomeUnknown(status=response.status_code, request_id=request_id(response)) from None
        if answer.status_code == _NOT_CARRIED_OUT:
            raise _failure(first, before, self._pause(before, 1))
        return answer

    async def _batched(self, calls: Sequence[Call]) -> Sequence[Answer]:
        """One try of each of these reads, in as few requests as can be."""
        if len(calls) == 1:
            return [await self._try(calls[0], on_new_connection=False)]
        sent = list(batches(self._root, calls))
        async with side_by_side() as group:
            tasks = [group.create_task(self.repeat(batch)) for batch, _ in sent]
        found: list[Answer] = []
        for task, (_, held) in zip(tasks, sent, strict=True):
            answers = answers_in(task.result(), held)
            for call, answer in zip(held, answers, strict=True):
                log.debug("graph-part", method=call.method, path=call.template, status=answer.status_code)
            found += answers
        return found

    async def _try(self, call: Call, *, on_new_connection: bool) -> Answer:
        token = await self._tokens.get()
        answer = await self._send(call, token, on_new_connection=on_new_connection)
        if isinstance(answer, httpx.Response) and answer.status_code == 401:
            self._tokens.drop(token)
            token = await self._tokens.get()
            answer = await self._send(call, token, on_new_connection=on_new_connection)
        return answer

    async def _send(self, call: Call, token: str, *, on_new_connection: bool) -> Answer:
        own_id = str(uuid.uuid4())
        request = self._request(call, token, own_id)
        seen = log.bind(method=call.method, path=call.template, client_request_id=own_id)
        started = time.monotonic()
        asked_at = self._watch.now() if self._watch else None
        try:
            response = await self._exchange(request, on_new_connection=on_new_connection)
        except httpx.RequestError as error:
            # Not chained: the error holds the request, and the request holds the token.
            answer = NoAnswer(type(error).__name__, sent=not isinstance(error, _NOT_SENT))
            seen.warning("graph-no-answer", reason=answer.reason, sent=answer.sent)
            return answer
        if self._watch and asked_at:
            self._watch.heard(response.headers.get("date", ""), asked_at)
        seen.debug(
            "graph-answer",
            status=response.status_code,
            request_id=request_id(response),
            diagnostic=None if response.is_success else response.headers.get("x-ms-ags-diagnostic"),
            seconds=round(time.monotonic() - started, 3),
        )
        return response

    async def _exchange(self, request: httpx.Request, *, on_new_connection: bool) -> httpx.Response:
        if not on_new_connection:
            return await self._client.send(request)
        async with self._open() as client:
            return await client.send(request)

    def _request(self, call: Call, token: str, own_id: str) -> httpx.Request:
        headers = {
            "Accept": "application/json",
            **call.headers,
            "Authorization": f"Bearer {token}",
            "client-request-id": own_id,
        }
        timeout = httpx.Timeout(call.timeout or self._limits.read, connect=self._limits.connect)
        return self._client.build_request(
            call.method, call.url, headers=headers, json=call.body, timeout=timeout
        )

    def _open(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(verify=self._trust, follow_redirects=False)

    def _pause(self, answer: Answer, tries: int) -> float:
        asked = pause_asked(answer) if isinstance(answer, httpx.Response) else None
        return own_pause(tries, self._rng.random()) if asked is None else asked


def _worth_repeating(answer: Answer) -> bool:
    return isinstance(answer, NoAnswer) or answer.status_code in _AGAIN


def _needs_new_connection(answer: Answer) -> bool:
    return isinstance(answer, NoAnswer) or answer.status_code in _ON_NEW_CONNECTION


def _may_have_happened(answer: Answer) -> bool:
    if isinstance(answer, NoAnswer):
        return answer.sent
    return answer.status_code >= 500 or answer.status_code == 408


def _was_deleted(call: Call, answer: httpx.Response, *, unsure: bool) -> bool:
    return call.method == "DELETE" and answer.status_code == 404 and unsure


def _failure(call: Call, answer: Answer, pause: float) -> GraphError:
    if isinstance(answer, NoAnswer):
        return Unavailable("Graph gives no answer", code=answer.reason)
    return refused(call, answer, pause)


def _unknown(answer: Answer) -> OutcomeUnknown:
    if isinstance(answer, NoAnswer):
        return OutcomeUnknown(code=answer.reason)
    return OutcomeUnknown(status=answer.status_code, request_id=request_id(answer))


class _NoAddresses(logging.Filter):
    """Drops the line that httpx writes for every request: it holds the address, and so names and e-mails."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith("HTTP Request:")


_NO_ADDRESSES = _NoAddresses()


def _keep_addresses_out_of_the_log() -> None:
    logging.getLogger("httpx").addFilter(_NO_ADDRESSES)
