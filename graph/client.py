"""The verbs of Microsoft Graph: read, ask, create, delete, and follow pages."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Self

import httpx

from graph.calls import Call, body_of, request_id
from graph.errors import OutcomeUnknown, Unreadable
from graph.fields import Row, maybe_text, rows
from graph.paths import Path, query_text
from graph.sending import Limits, Sender, Sleep
from graph.skew import ClockWatch
from graph.tokens import Tokens

ADVANCED = {"ConsistencyLevel": "eventual"}
"""The header of advanced directory queries; they want ``$count=true`` as well.
https://learn.microsoft.com/graph/aad-advanced-queries"""


class GraphClient:
    """Talks to one Graph root with the tokens of one application.

    Reads and deletes are tried again after a pause, and so is a request that never left. A create is sent
    once: an answer that does not come is ``OutcomeUnknown``. Logs name the template of the path, the status
    and the ids of the request; never an address, a header or a body.
    """

    def __init__(
        self,
        base_url: str,
        tokens: Tokens,
        *,
        ca_file: FilePath | None = None,
        limits: Limits | None = None,
        sleep: Sleep = asyncio.sleep,
        rng: random.Random | None = None,
        watch: ClockWatch | None = None,
    ) -> None:
        self._base = httpx.URL(base_url.rstrip("/"))
        self._sender = Sender(
            tokens,
            root=self._base,
            ca_file=ca_file,
            limits=limits or Limits(),
            sleep=sleep,
            rng=rng or random.SystemRandom(),
            watch=watch,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of the connections. The tokens are closed by who made them."""
        await self._sender.aclose()

    async def get(
        self,
        where: Path,
        query: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        permission: str | None = None,
    ) -> Row:
        """Read one object."""
        call = Call("GET", self._url(where, query), where.template, headers or {}, permission=permission)
        return body_of(await self._sender.repeat(call))

    async def content(self, where: Path, *, largest: int, permission: str | None = None) -> bytes:
        """Read what is no JSON, such as a picture. More than ``largest`` bytes are ``Unreadable``."""
        call = Call(
            "GET", self._url(where), where.template, {"Accept": "*/*"}, permission=permission, alone=True
        )
        response = await self._sender.repeat(call)
        if len(response.content) > largest:
            raise Unreadable(f"more than {largest} bytes", request_id=request_id(response))
        return response.content

    async def ask(self, where: Path, body: Row | None = None, *, permission: str | None = None) -> Row:
        """A POST that may safely happen twice: it only asks, or twice leaves things as once does."""
        call = Call("POST", self._url(where), where.template, {}, body, permission=permission)
        return body_of(await self._sender.repeat(call))

    async def create(
        self,
        where: Path,
        body: Row,
        *,
        permission: str | None = None,
        within: float | None = None,
        first: Call | None = None,
    ) -> Row:
        """A POST that makes something. ``OutcomeUnknown`` when it may have happened and we cannot tell.

        ``first`` goes in the same request: unless that works, nothing is made, and its error is raised.
        """
        call = Call("POST", self._url(where), where.template, {}, body, within, permission)
        response = await self._sender.once(call, first=first)
        try:
            return body_of(response)
        except Unreadable:
            raise OutcomeUnknown(status=response.status_code, request_id=request_id(response)) from None

    def address(self, where: Path) -> str:
        """The whole address of something, as a body names it."""
        return str(self._url(where))

    def asking(self, where: Path, *, permission: str | None = None) -> Call:
        """A POST without a body that may safely happen twice, to be sent with something else."""
        return Call("POST", self._url(where), where.template, {}, permission=permission)

    async def delete(self, where: Path, *, permission: str | None = None) -> None:
        """Delete one thing. ``NotFound`` when it was gone before, save through an earlier try of this call."""
        await self._sender.repeat(Call("DELETE", self._url(where), where.template, {}, permission=permission))

    async def pages(
        self,
        where: Path,
        query: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        permission: str | None = None,
    ) -> AsyncIterator[Sequence[Row]]:
        """Read a collection page by page; a page may be empty. The headers go with every page.

        A link to another host, or out of the Graph root, is ``Unreadable``: our token goes nowhere else.
        """
        call = Call("GET", self._url(where, query), where.template, headers or {}, permission=permission)
        visited: set[httpx.URL] = set()
        while True:
            visited.add(call.url)
            page = body_of(await self._sender.repeat(call))
            yield rows(page)
            link = maybe_text(page, "@odata.nextLink")
            if link is None:
                return
            call = replace(call, url=self._guarded(link), alone=True)
            if call.url in visited:
                raise Unreadable("the pages run in a circle")

    async def rows(
        self,
        where: Path,
        query: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        permission: str | None = None,
    ) -> AsyncIterator[Row]:
        """Read a collection row by row, over all of its pages."""
        async for page in self.pages(where, query, headers=headers, permission=permission):
            for entry in page:
                yield entry

    def _url(self, where: Path, query: Mapping[str, str] | None = None) -> httpx.URL:
        tail = f"?{query_text(query)}" if query else ""
        return httpx.URL(f"{self._base}{where.sent}{tail}")

    def _guarded(self, link: str) -> httpx.URL:
        try:
            url = httpx.URL(link)
        except httpx.InvalidURL:
            raise Unreadable("the next page has no address") from None
        inside = url.path.startswith(f"{self._base.path}/") and ".." not in url.path.split("/")
        same_host = (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port)
        if not (inside and same_host) or url.userinfo:
            raise Unreadable("the next page is not on this Graph")
        return url
