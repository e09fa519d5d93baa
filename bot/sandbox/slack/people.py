"""Acting as people: what they can do in the Slack client, and what the app is told of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.sandbox.slack import payloads
from bot.sandbox.slack.deliveries import Deliveries
from bot.sandbox.slack.forms import chosen, filled
from bot.sandbox.slack.modals import respond
from bot.sandbox.slack.notices import Notices
from bot.sandbox.slack.readings import Readings
from bot.sandbox.slack.records import (
    Channel,
    Control,
    Delivery,
    Json,
    Kind,
    Message,
    SlackUser,
    View,
    controls,
)
from bot.sandbox.slack.responses import Responses
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.workspace import Impossible, Workspace

_KEPT = re.compile(r"(<[@#][UWC][A-Z0-9]+(?:\|[^>]*)?>)")
_AUTOMATIC = re.compile(r"(?P<url>https?://[^\s<>]+)|(?P<mail>[\w.+-]+@[\w-]+\.[\w.-]*\w)")

Choice = str | Callable[[Control], bool]
"""A control by its action id, or by what is true of it."""


@dataclass(frozen=True)
class Said:
    """A message somebody wrote, and how the app was told of it."""

    message: Message
    deliveries: tuple[Delivery, ...]


def typed(text: str) -> str:
    """What somebody typed, as Slack stores it: escaped, with mentions kept and addresses made links."""
    return "".join(part if _KEPT.fullmatch(part) else _escaped(part) for part in _KEPT.split(text))


def _escaped(text: str) -> str:
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _AUTOMATIC.sub(
        lambda m: f"<{m['url']}>" if m["url"] else f"<mailto:{m['mail']}|{m['mail']}>", plain
    )


class People(Readings):
    """Everything a person can do. ``Impossible`` when the client would not let them."""

    def __init__(
        self, workspace: Workspace, deliveries: Deliveries, triggers: Triggers, responses: Responses
    ) -> None:
        super().__init__(workspace)
        self._deliveries = deliveries
        self._notices = Notices(workspace, deliveries)
        self._triggers = triggers
        self._responses = responses

    async def say(
        self, user_id: str, text: str, *, channel: str | None = None, thread_ts: str | None = None
    ) -> Said:
        """Write to the bot, or in a channel. Returns when the app acknowledged, or did not."""
        person = self._person(user_id)
        place = self._open_dm(person) if channel is None else self._place(user_id, channel)
        message = self._workspace.post(place, user_id, typed(text), thread_ts=thread_ts)
        return Said(message, await self._notices.message(place, message))

    async def edit(self, user_id: str, channel: str, ts: str, text: str) -> tuple[Delivery, ...]:
        """Change one's own message."""
        place = self._place(user_id, channel)
        message = self._message(user_id, channel, ts)
        if message.user != user_id:
            raise Impossible("one can only edit one's own messages")
        changed = self._workspace.change(message, typed(text), (), None)
        return await self._notices.change(place, changed)

    async def press(
        self,
        user_id: str,
        channel: str,
        ts: str,
        choice: Choice,
        *,
        option: str | None = None,
        crossed: bool = False,
    ) -> Delivery:
        """Press a button, or choose an option of a menu, in a message the person sees.

        ``crossed``: the press crossed with an update, so a control of an earlier version counts too.
        """
        person = self._person(user_id)
        place = self._place(user_id, channel)
        message = self._message(user_id, channel, ts)
        offered = list(message.controls)
        if crossed:
            offered += [each for version in message.earlier[::-1] for each in controls(version.blocks)]
        control = _pick(offered, choice)
        payload = self._action(person, control, option)
        payload |= {
            "container": {
                "type": "message",
                "message_ts": ts,
                "channel_id": channel,
                "is_ephemeral": message.ephemeral_to is not None,
                **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
            },
            "channel": {"id": channel, "name": place.name},
            "response_url": self._responses.new_url(place, user_id, message),
        }
        if message.ephemeral_to is None:
            payload["message"] = payloads.message_object(self._workspace, message)
        return await self._interact(payload)

    async def press_in_view(
        self, user_id: str, view_id: str, choice: Choice, *, option: str | None = None
    ) -> Delivery:
        """Press a button, or choose an option, in an open modal or a Home tab."""
        view = self._view(user_id, view_id)
        control = _pick(list(view.controls), choice)
        payload = self._action(self._person(user_id), control, option, view.id)
        payload |= {
            "container": {"type": "view", "view_id": view.id},
            "view": payloads.view_object(self._workspace, view),
        }
        return await self._interact(payload)

    async def submit(self, user_id: str, view_id: str, values: Mapping[str, str] | None = None) -> Delivery:
        """Fill in the topmost modal and send it. ``values`` go by action id or block id."""
        person = self._person(user_id)
        view = self._view(user_id, view_id)
        if view.type != "modal" or view.submit is None or self._workspace.stacks[user_id][-1].id != view.id:
            raise Impossible("there is nothing to send in")
        sent = replace(view, state=filled(view, values or {}), errors={})
        self._workspace.replace_view(view, sent)
        payload = payloads.interaction(
            self._workspace, "view_submission", person, self._triggers.issue(user_id, view.id)
        )
        payload |= {"view": payloads.view_object(self._workspace, sent), "response_urls": []}
        delivery = await self._interact(payload)
        if delivery.acknowledged:
            respond(self._workspace, sent, delivery.answer or {})
        return delivery

    async def close(self, view: View | str) -> Delivery | None:
        """Close a modal. The app hears of it only if it asked to."""
        found = self._workspace.view(view if isinstance(view, str) else view.id)
        if found is None or found.type != "modal":
            raise Impossible("this modal is not open")
        if found.clear_on_close:
            self._workspace.clear_views(found.user)
        else:
            self._workspace.close_view(found)
        if not found.notify_on_close:
            return None
        payload = payloads.interaction(self._workspace, "view_closed", self._person(found.user), None)
        payload |= {
            "view": payloads.view_object(self._workspace, found),
            "is_cleared": found.clear_on_close,
        }
        return await self._interact(payload)

    async def slash(
        self, user_id: str, command: str, text: str = "", *, channel: str | None = None
    ) -> Delivery:
        """Use a slash command, in the conversation with the bot unless a channel is named."""
        person = self._person(user_id)
        if "commands" not in self._workspace.scopes:
            raise Impossible("the app has no commands here")
        place = self._open_dm(person) if channel is None else self._place(user_id, channel)
        extra = {
            "response_url": self._responses.new_url(place, user_id),
            "trigger_id": self._triggers.issue(user_id),
        }
        fields = payloads.command(self._workspace, person, place, command, text, extra)
        delivery = await self._deliveries.deliver(Kind.COMMAND, dict(fields))
        if not delivery.acknowledged:
            self._workspace.complain(f"{command} failed")
        elif delivery.answer:
            self._responses.answer(place, user_id, delivery.answer)
        return delivery

    async def open_home(self, user_id: str, tab: str = "home") -> tuple[Delivery, ...]:
        """Click on the app: on its Home tab, or on ``messages``."""
        place = self._open_dm(self._person(user_id))
        return await self._notices.home_opened(user_id, place, tab, self._workspace.homes.get(user_id))

    async def uninstall(self) -> tuple[Delivery, ...]:
        """An administrator removes the app: its token is dead before it hears of it."""
        self._workspace.revoked = True
        return await self._notices.uninstalled()

    def visible(self, user_id: str, channel: str) -> tuple[Message, ...]:
        """What a person sees in a conversation they are in."""
        self._place(user_id, channel)
        return tuple(
            message
            for message in self._workspace.everything(channel)
            if not message.deleted and not message.lost and message.ephemeral_to in (None, user_id)
        )

    async def _interact(self, payload: Json) -> Delivery:
        delivery = await self._deliveries.deliver(Kind.INTERACTION, payload)
        if not delivery.acknowledged:
            self._workspace.complain("we had some trouble connecting; try again?")
        return delivery

    def _action(
        self, person: SlackUser, control: Control, option: str | None, view_id: str | None = None
    ) -> Json:
        trigger = self._triggers.issue(person.id, view_id)
        payload = payloads.interaction(self._workspace, "block_actions", person, trigger)
        picked = None if option is None else chosen(control.element, option)
        now = self._workspace.clock.now()
        return payload | {"actions": [payloads.action(control, now, picked)], "state": {"values": {}}}

    def _person(self, user_id: str) -> SlackUser:
        user = self._workspace.users.get(user_id)
        if user is None or user.deleted:
            raise Impossible(f"nobody can act as {user_id}")
        return user

    def _open_dm(self, person: SlackUser) -> Channel:
        if person.is_stranger or not self._workspace.messages_tab:
            raise Impossible(f"{person.id} cannot write to the app")
        return self._workspace.open_dm(person.id)

    def _place(self, user_id: str, channel: str) -> Channel:
        place = self._workspace.channels.get(channel)
        if place is None or user_id not in place.members:
            raise Impossible(f"{user_id} does not see {channel}")
        return place

    def _message(self, user_id: str, channel: str, ts: str) -> Message:
        for message in self.visible(user_id, channel):
            if message.ts == ts:
                return message
        raise Impossible(f"{user_id} sees no message {ts} in {channel}")

    def _view(self, user_id: str, view_id: str) -> View:
        view = self._workspace.view(view_id)
        if view is None or view.user != user_id:
            raise Impossible(f"{user_id} does not see the view {view_id}")
        return view


def _pick(offered: list[Control], choice: Choice) -> Control:
    for control in offered:
        if control.action_id == choice if isinstance(choice, str) else choice(control):
            return control
    labels = ", ".join(f"{each.action_id} ({each.label})" for each in offered)
    raise Impossible(f"no such button; there are: {labels or 'none'}")
