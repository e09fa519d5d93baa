"""What the bot can do in conversations, as the connector does it.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.sandbox.teams import refusals
from bot.sandbox.teams.incoming import Sent, address, checked
from bot.sandbox.teams.records import Json, Message, TeamsUser
from bot.sandbox.teams.refusals import BlockedAs, Refusal
from bot.sandbox.teams.tenant import Tenant

_PAGE: Final = 200
_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Request:
    """One request, taken apart."""

    operation: str
    path: str
    conversation: str
    activity_id: str
    query: dict[str, str]
    body: object
    raw: str
    bearer: str


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    status: int
    body: object = None


class Conversations:
    """One method per operation. ``Refusal`` where Teams refuses."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self.blocked_as = BlockedAs.WRITES
        self.operations: dict[str, Callable[[Request], Answer]] = {
            "create": self._create,
            "send": self._send,
            "reply": self._reply,
            "update": self._update,
            "delete": self._delete,
            "members": self._members,
            "member": self._member,
            "paged": self._paged,
        }

    def _create(self, given: Request) -> Answer:
        body = given.body if isinstance(given.body, dict) else {}
        wrong = refusals.bad_syntax("Incorrect conversation creation parameters")
        if body.get("isGroup"):
            return self._new_thread(body, given, wrong)
        data = body.get("channelData") or {}
        home = body.get("tenantId") or (data.get("tenant") or {}).get("id")
        members = members_named(body)
        if len(members) != 1 or not isinstance(members[0], str) or home != self._tenant.app.tenant_id:
            raise wrong
        user = self._person(members[0])
        if not self._tenant.is_reached(user.object_id):
            raise refusals.not_installed()
        if user.object_id in self._tenant.blocked:
            raise refusals.blocked(self.blocked_as)
        sent = checked(body["activity"], given.raw) if body.get("activity") else None
        opened = self._tenant.open_chat(user.object_id)
        if sent is not None:
            self._post(opened.id, None, sent)
        return Answer(201, {"id": opened.id})

    def _new_thread(self, body: Json, given: Request, wrong: Refusal) -> Answer:
        channel = ((body.get("channelData") or {}).get("channel") or {}).get("id")
        if not channel or not body.get("activity"):
            raise wrong
        place, _ = self._place(str(channel))
        message = self._post(place, None, checked(body["activity"], given.raw))
        if message is None:
            raise wrong
        return Answer(201, {"id": f"{place};messageid={message.id}", "activityId": message.id})

    def _person(self, name: str) -> TeamsUser:
        user = self._tenant.user_of(name)
        if user is not None:
            return user
        if _GUID.fullmatch(name):
            raise refusals.not_installed()
        raise refusals.bad_argument("Failed to decrypt pairwise id")

    def _send(self, given: Request) -> Answer:
        place, root = self._place(given.conversation)
        return self._posted(place, root, checked(given.body, given.raw))

    def _reply(self, given: Request) -> Answer:
        place, root = self._place(given.conversation)
        answered = self._tenant.find(place, given.activity_id)
        if answered is None:
            raise refusals.no_message()
        thread = None if place in self._tenant.chats else (root or answered.root)
        return self._posted(place, thread, checked(given.body, given.raw))

    def _posted(self, place: str, root: str | None, sent: Sent) -> Answer:
        message = self._post(place, root, sent)
        if message is None:
            return Answer(202, {})
        return Answer(201, {"id": message.id})

    def _post(self, place: str, root: str | None, sent: Sent) -> Message | None:
        """The message; nothing for a sign of writing, and for words beside a card, which Teams makes two messages."""
        app = self._tenant.app.id
        if sent.is_typing:
            self._tenant.typing.append(place)
            self._tenant.changes.happened()
            return None
        mentioned = _mentioned(sent.activity)
        if sent.text and sent.card is not None:
            self._tenant.post(place, app, sent.text, thread=root, mentioned=mentioned)
            self._tenant.post(place, app, thread=root, card=sent.card, activity=sent.activity)
            return None
        return self._tenant.post(
            place, app, sent.text, thread=root, card=sent.card, activity=sent.activity, mentioned=mentioned
        )

    def _update(self, given: Request) -> Answer:
        message = self._own(given)
        sent = checked(given.body, given.raw)
        if sent.is_typing or (sent.text and sent.card is not None):
            raise refusals.bad_syntax("Activity resulted into multiple skype activities")
        self._tenant.change(message, sent.text, sent.card, sent.activity)
        return Answer(200, {"id": message.id})

    def _delete(self, given: Request) -> Answer:
        self._tenant.delete(self._own(given))
        return Answer(200)

    def _own(self, given: Request) -> Message:
        place, _ = self._place(given.conversation)
        message = self._tenant.find(place, given.activity_id)
        if message is None:
            raise refusals.no_message()
        if not message.by_bot:
            raise Refusal(403, "NotEnoughPermissions", "Message does not belong to the bot.")
        return message

    def _place(self, conversation_id: str) -> tuple[str, str | None]:
        """A conversation that the bot may write to, and the thread in it."""
        place, root = address(conversation_id)
        if not self._tenant.is_there(place):
            raise refusals.no_conversation()
        chat = self._tenant.chats.get(place)
        if chat is None and not self._tenant.team.installed:
            raise refusals.not_in_roster()
        if chat is not None:
            if chat.user in self._tenant.blocked:
                raise refusals.blocked(self.blocked_as)
            if not self._tenant.is_reached(chat.user):
                raise refusals.not_in_roster()
            return place, None
        if root is not None and self._tenant.find(place, root) is None:
            raise refusals.no_message()
        return place, root

    def _members(self, given: Request) -> Answer:
        place, _ = self._place(given.conversation)
        return Answer(200, [self._account(each) for each in self._tenant.members_of(place)])

    def _member(self, given: Request) -> Answer:
        place, _ = self._place(given.conversation)
        for user in self._tenant.members_of(place):
            if given.activity_id in (user.object_id, self._tenant.account_of(user)):
                return Answer(200, self._account(user))
        raise Refusal(404, "MemberNotFoundInConversation", "Member not found in conversation.")

    def _paged(self, given: Request) -> Answer:
        place, _ = self._place(given.conversation)
        size = min(max(int(given.query.get("pageSize") or _PAGE), 50), 500)
        start = int(given.query.get("continuationToken") or 0)
        everybody = self._tenant.members_of(place)
        page: Json = {"members": [self._account(each) for each in everybody[start : start + size]]}
        if start + size < len(everybody):
            page["continuationToken"] = str(start + size)
        return Answer(200, page)

    def _account(self, user: TeamsUser) -> Json:
        given, _, surname = user.name.rpartition(" ")
        return {
            "id": self._tenant.account_of(user),
            "name": user.name,
            "aadObjectId": user.object_id,
            "givenName": given or surname,
            "surname": surname,
            "email": user.mail or user.upn,
            "userPrincipalName": user.upn,
            "tenantId": self._tenant.tenant_of(user),
            "userRole": "user",
        }


def members_named(body: object) -> list[object]:
    """The ids of those whom a conversation is to be with. An Entra object id counts in ``id``, nowhere else."""
    members = body.get("members") if isinstance(body, dict) else None
    if not isinstance(members, list):
        return []
    return [each.get("id") if isinstance(each, dict) else None for each in members]


def _mentioned(activity: Json) -> list[str]:
    entities = activity.get("entities") or []
    return [str(each["mentioned"].get("id")) for each in entities if each.get("type") == "mention"]
