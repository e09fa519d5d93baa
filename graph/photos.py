"""The photos that the directory has of people."""

from dataclasses import dataclass, field
from typing import Final

from graph.client import GraphClient
from graph.errors import NotFound, Unreadable
from graph.paths import path
from graph.users import USERS

# Four megabytes is the most that can be uploaded. https://learn.microsoft.com/graph/api/profilephoto-update
LARGEST: Final = 4 * 1024 * 1024
_BEGINS: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""What is shown in a browser, by its first bytes: what an answer says of itself is not believed."""


@dataclass(frozen=True)
class Photo:
    """A picture, and what it is."""

    kind: str
    content: bytes = field(repr=False)


class Photos:
    """Looks photos up."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def has(self, account: str) -> bool:
        """Whether the directory has a photo of this account."""
        try:
            await self._client.get(path("/users/{user}/photo", user=account), permission=USERS)
        except NotFound:
            return False
        return True

    async def of(self, account: str) -> Photo | None:
        """The photo, when there is one. ``Unreadable`` for what is too large, or neither JPEG nor PNG."""
        try:
            content = await self._client.content(
                path("/users/{user}/photo/$value", user=account), largest=LARGEST, permission=USERS
            )
        except NotFound:
            return None
        for begin, kind in _BEGINS.items():
            if content.startswith(begin):
                return Photo(kind, content)
        raise Unreadable("a photo was expected")
