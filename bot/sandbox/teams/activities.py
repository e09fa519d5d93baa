"""The JSON that the Bot service sends: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
and https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
"""

import html
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.sandbox.teams.records import Chat, Json, Message, Team, TeamsUser
from bot.sandbox.teams.tenant import Tenant, channel_id
from bot.sandbox.world import guid

CHANNEL: Final = "msteams"


class Activities:
    """Puts activities together. ``service_url`` is the address that the bot is told to answer to."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._counter = 0
        self.service_url = ""

    def new_id(self) -> str:
        """The id of an activity that is not a message."""
        self._counter += 1
        return f"f:{guid('activity', self._tenant.app.id, str(self._counter))}"

    def message(self, user: TeamsUser, message: Message, *, mentions: bool) -> Json:
        """Somebody wrote. With a mention, the text names the bot as the client does."""
        at = f"<at>{self._tenant.app.name}</at>"
        text = f"{at} {message.text}".strip() if mentions else message.text
        entities: list[Json] = [_client(user)]
        if mentions:
            mentioned = {"id": self._tenant.app.account, "name": self._tenant.app.name}
            entities.insert(0, {"type": "mention", "mentioned": mentioned, "text": at})
        return self._envelope("message", user, message.conversation, message.root, message.at) | {
            "id": message.id,
            "text": text,
            "textFormat": "plain",
            "attachments": [{"contentType": "text/html", "content": _html(text)}],
            "entities": entities,
        }

    def value(self, user: TeamsUser, message: Message, value: Json) -> Json:
        """Somebody pressed ``Action.Submit``: a message without words, which nobody sees."""
        envelope = self._envelope("message", user, message.conversation, message.root, self._now())
        return envelope | {
            "id": self.new_id(),
            "entities": [_client(user)],
            "replyToId": message.id,
            "value": value,
            "channelData": envelope["channelData"] | {"legacy": {"replyToId": message.id}},
        }

    def invoke(self, user: TeamsUser, name: str, value: Json, message: Message) -> Json:
        """Something that the client waits for the answer to."""
        envelope = self._envelope("invoke", user, message.conversation, message.root, self._now())
        return envelope | {
            "id": self.new_id(),
            "name": name,
            "entities": [_client(user)],
            "replyToId": message.id,
            "value": value,
            "channelData": envelope["channelData"] | {"source": {"name": "message"}},
        }

    def installed(self, user: TeamsUser, chat: Chat, action: str) -> Json:
        """The app came or went for one person: ``add``, ``remove``, ``add-upgrade`` or ``remove-upgrade``."""
        envelope = self._envelope("installationUpdate", user, chat.id, None, self._now())
        return envelope | {
            "id": self.new_id(),
            "action": action,
            "entities": [_client(user)],
            "channelData": envelope["channelData"]
            | {"settings": {"selectedChannel": {"id": chat.id}}, "source": {"name": "message"}},
        }

    def team_installed(self, user: TeamsUser, team: Team, action: str) -> Json:
        """The app came to, or went from, the team."""
        envelope = self._envelope("installationUpdate", user, team.id, None, self._now())
        return envelope | {
            "id": self.new_id(),
            "action": action,
            "channelData": envelope["channelData"] | {"settings": {"selectedChannel": {"id": team.id}}},
        }

    def joined(
        self, user: TeamsUser, conversation: str, accounts: Sequence[Json], verb: str = "Added"
    ) -> Json:
        """Members came or went: the bot itself among them, when it is its own installation."""
        envelope = self._envelope("conversationUpdate", user, conversation, None, self._now())
        if conversation in self._tenant.team.channels:
            envelope["channelData"]["eventType"] = f"teamMember{verb}"
        return envelope | {"id": self.new_id(), f"members{verb}": list(accounts)}

    def bot(self) -> Json:
        """The bot as a member."""
        return {"id": self._tenant.app.account}

    def account(self, user: TeamsUser) -> Json:
        """A person as a member."""
        return {"id": self._tenant.account_of(user), "aadObjectId": user.object_id}

    def _now(self) -> datetime:
        return self._tenant.clock.now()

    def _envelope(
        self, kind: str, user: TeamsUser, conversation: str, root: str | None, at: datetime
    ) -> Json:
        local = at.astimezone(ZoneInfo(user.time_zone))
        return {
            "type": kind,
            "timestamp": f"{at.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z",
            "localTimestamp": local.isoformat(timespec="milliseconds"),
            "localTimezone": user.time_zone,
            "serviceUrl": self.service_url,
            "channelId": CHANNEL,
            "from": self.account(user) | {"name": user.name},
            "recipient": {"id": self._tenant.app.account, "name": self._tenant.app.name},
            "conversation": self._conversation(user, conversation, root),
            "channelData": self._channel_data(user, conversation),
            "locale": user.locale,
        }

    def _conversation(self, user: TeamsUser, conversation: str, root: str | None) -> Json:
        home = {"tenantId": self._tenant.tenant_of(user)}
        if conversation in self._tenant.chats:
            return {"conversationType": "personal", "id": conversation} | home
        named = f"{conversation};messageid={root}" if root else conversation
        return {"isGroup": True, "conversationType": "channel", "id": named} | home

    def _channel_data(self, user: TeamsUser, conversation: str) -> Json:
        data: Json = {"tenant": {"id": self._tenant.tenant_of(user)}}
        if conversation in self._tenant.chats:
            return data
        team = self._tenant.team
        return data | {
            "teamsChannelId": conversation,
            "teamsTeamId": team.id,
            "channel": {"id": conversation},
            "team": {"id": team.id, "name": team.name, "aadGroupId": team.group_id},
        }


def new_team(name: str, channels: Sequence[str], members: set[str]) -> Team:
    """A team with General and these channels."""
    home = channel_id(f"{name}/General")
    named = {home: "General"} | {channel_id(f"{name}/{each}"): each for each in channels}
    return Team(home, guid("team", name), name, members, named)


def _client(user: TeamsUser) -> Json:
    return {
        "type": "clientInfo",
        "locale": user.locale,
        "country": "NO",
        "platform": "Windows",
        "timezone": user.time_zone,
    }


def _html(text: str) -> str:
    kept = html.escape(text, quote=False)
    for tag in ("<at>", "</at>"):
        kept = kept.replace(html.escape(tag), tag)
    return f"<p>{kept}</p>"
