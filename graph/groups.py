"""Groups: who is in them, and whether one account is."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from itertools import islice

from graph.client import ADVANCED, GraphClient
from graph.fields import Row, flag, maybe_text, text, texts
from graph.paths import path

MEMBERS = "GroupMember.Read.All"

# https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups
_MOST_AT_ONCE = 20


@dataclass(frozen=True)
class Member:
    """An account in a group. With too few rights Graph tells only the id."""

    id: str
    upn: str | None
    mail: str | None
    display_name: str | None
    account_enabled: bool | None
    preferred_language: str | None


class Groups:
    """Reads memberships, nested ones included."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def is_member(self, user_id: str, group_ids: Iterable[str]) -> set[str]:
        """Those of the groups that the account is in, directly or through other groups."""
        wanted = iter(dict.fromkeys(group_ids))
        where = path("/users/{user}/checkMemberGroups", user=user_id)
        found: set[str] = set()
        while batch := list(islice(wanted, _MOST_AT_ONCE)):
            answer = await self._client.ask(where, {"groupIds": batch}, permission=MEMBERS)
            found |= set(texts(answer, "value")) & set(batch)
        return found

    async def members(self, group_id: str) -> AsyncIterator[Member]:
        """Every account in a group and in the groups within it."""
        where = path("/groups/{group}/transitiveMembers/microsoft.graph.user", group=group_id)
        query = {
            "$select": "id,userPrincipalName,mail,displayName,accountEnabled,preferredLanguage",
            "$count": "true",
            "$top": "999",
        }
        async for entry in self._client.rows(where, query, headers=ADVANCED, permission=MEMBERS):
            yield _member(entry)


def _member(found: Row) -> Member:
    return Member(
        id=text(found, "id"),
        upn=maybe_text(found, "userPrincipalName"),
        mail=maybe_text(found, "mail"),
        display_name=maybe_text(found, "displayName"),
        account_enabled=None if found.get("accountEnabled") is None else flag(found, "accountEnabled"),
        preferred_language=maybe_text(found, "preferredLanguage"),
    )
