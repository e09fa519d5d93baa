"""Telling the app what happened: events, as far as it subscribed to them and was granted their scopes."""

from bot.sandbox.slack import payloads
from bot.sandbox.slack.deliveries import Deliveries
from bot.sandbox.slack.records import Channel, Delivery, Json, Kind, Message, View
from bot.sandbox.slack.workspace import Workspace


class Notices:
    """One method per kind of news. Each returns what was delivered, which may be nothing."""

    def __init__(self, workspace: Workspace, deliveries: Deliveries) -> None:
        self._workspace = workspace
        self._deliveries = deliveries

    async def message(self, place: Channel, message: Message) -> tuple[Delivery, ...]:
        """A new message; one that mentions the bot in a channel is told twice, as in Slack."""
        bot = self._workspace.installation.bot_user_id
        if bot not in place.members:
            return ()
        inner = payloads.message_event(self._workspace, place, message)
        told = await self._event(_name(place), inner, f"{place.scope_family}:history", place)
        if place.with_user is None and bot in message.notified:
            mention = payloads.message_event(self._workspace, place, message, "app_mention")
            told += await self._event("app_mention", mention, "app_mentions:read", place)
        return told

    async def change(self, place: Channel, message: Message) -> tuple[Delivery, ...]:
        """A message that was changed or deleted."""
        inner = payloads.change_event(self._workspace, place, message)
        return await self._event(_name(place), inner, f"{place.scope_family}:history", place)

    async def home_opened(
        self, user_id: str, place: Channel, tab: str, home: View | None
    ) -> tuple[Delivery, ...]:
        """Somebody looks at the app."""
        inner: Json = {
            "type": "app_home_opened",
            "user": user_id,
            "channel": place.id,
            "tab": tab,
            "event_ts": self._workspace.new_ts(),
        }
        if home is not None and tab == "home":
            inner["view"] = payloads.view_object(self._workspace, home)
        return await self._event("app_home_opened", inner)

    async def uninstalled(self) -> tuple[Delivery, ...]:
        """The app was removed."""
        bot = self._workspace.installation.bot_user_id
        tokens: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot]}}
        told = await self._event("tokens_revoked", tokens)
        return told + await self._event("app_uninstalled", {"type": "app_uninstalled"})

    async def _event(
        self, name: str, inner: Json, scope: str | None = None, place: Channel | None = None
    ) -> tuple[Delivery, ...]:
        if name not in self._workspace.installation.events:
            return ()
        if scope is not None and scope not in self._workspace.scopes:
            return ()
        shared = place is not None and place.ext_shared
        envelope = payloads.event(self._workspace, inner, ext_shared=shared)
        return (await self._deliveries.deliver(Kind.EVENT, envelope),)


def _name(place: Channel) -> str:
    return f"message.{place.scope_family}"
