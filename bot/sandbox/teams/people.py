"""Acting as people: what they can do in the Teams client, and what the bot is told of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.sandbox.teams.activities import Activities
from bot.sandbox.teams.answers import Answers
from bot.sandbox.teams.deliveries import Deliveries
from bot.sandbox.teams.forms import filled
from bot.sandbox.teams.readings import Readings
from bot.sandbox.teams.records import Choice, Control, Delivery, Json, Message, TeamsUser
from bot.sandbox.teams.tenant import Impossible, Tenant


@dataclass(frozen=True)
class Said:
    """A message somebody wrote, and how the bot was told of it: not at all, without a mention in a channel."""

    message: Message
    delivery: Delivery | None


@dataclass(frozen=True)
class Pressed:
    """What came of pressing a button: what the bot was told, or the address that opened."""

    delivery: Delivery | None = None
    url: str | None = None


class People(Readings):
    """Everything a person can do. ``Impossible`` when the client would not let them.

    People go by their object ids, messages by id or as they were read.
    """

    def __init__(
        self, tenant: Tenant, deliveries: Deliveries, activities: Activities, answers: Answers
    ) -> None:
        super().__init__(tenant)
        self._deliveries = deliveries
        self._activities = activities
        self._answers = answers
        self._telling: set[asyncio.Task[object]] = set()
        self._greeted: set[str] = set()
        """Whose conversation the bot was told that it is in."""

    async def install(self, user_id: str, action: str = "add") -> tuple[Delivery, ...]:
        """Add the app for a person, as they do it themselves or Graph does it for them. Ends a block."""
        user = self._person(user_id)
        chat = self._tenant.open_chat(user_id)
        first = user_id not in self._greeted
        self._greeted.add(user_id)
        self._tenant.installed.add(user_id)
        self._tenant.blocked.discard(user_id)
        self._tenant.changes.happened()
        told = [self._activities.installed(user, chat, action)]
        if first:
            told.append(self._activities.joined(user, chat.id, [self._activities.bot()]))
        return tuple([await self._tell(each) for each in told])

    def give(self, user_id: str) -> str:
        """Add the app for a person, as Graph does it: at once, and the bot is told soon after. The chat's id."""
        telling: asyncio.Task[object] = asyncio.create_task(self.install(user_id))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)
        self._tenant.installed.add(user_id)
        return self._tenant.open_chat(user_id).id

    async def uninstall(self, user_id: str) -> tuple[Delivery, ...]:
        """Take the app away from a person. The conversation stays; nobody is let into it any more."""
        chat = self._tenant.chat_of(user_id)
        if chat is None or user_id not in self._tenant.installed:
            raise Impossible(f"{user_id} does not have the app")
        self._tenant.installed.discard(user_id)
        self._greeted.discard(user_id)
        return (await self._tell(self._activities.installed(self._person(user_id), chat, "remove")),)

    def block(self, user_id: str) -> None:
        """Have a person block the bot. It is not told."""
        self._tenant.blocked.add(user_id)

    def unblock(self, user_id: str) -> None:
        """Have a person think better of it."""
        self._tenant.blocked.discard(user_id)

    def delete_chat(self, user_id: str) -> None:
        """Have a person delete the conversation: its id is dead, the app stays."""
        chat = self._tenant.chat_of(user_id)
        if chat is None:
            raise Impossible(f"{user_id} has no conversation with the bot")
        chat.deleted = True
        self._tenant.changes.happened()

    async def install_in_team(self, user_id: str) -> tuple[Delivery, ...]:
        """Add the app to the team."""
        self._tenant.team.installed = True
        team, user = self._tenant.team, self._person(user_id)
        told = self._activities.team_installed(user, team, "add")
        joined = self._activities.joined(user, team.id, [self._activities.bot()])
        return (await self._tell(told), await self._tell(joined))

    async def uninstall_from_team(self, user_id: str) -> tuple[Delivery, ...]:
        """Take the app out of the team."""
        team, user = self._tenant.team, self._person(user_id)
        team.installed = False
        told = self._activities.team_installed(user, team, "remove")
        left = self._activities.joined(user, team.id, [self._activities.bot()], "Removed")
        return (await self._tell(told), await self._tell(left))

    async def say(
        self,
        user_id: str,
        text: str,
        *,
        channel: str | None = None,
        thread: str | None = None,
        mention: bool = True,
    ) -> Said:
        """Write to the bot, or in a channel. Returns when the bot answered, or did not.

        In a channel the bot hears only what mentions it: without ``mention`` nothing is delivered.
        """
        user = self._person(user_id)
        if channel is None:
            message = self._tenant.post(self._open(user_id), user_id, text)
            return Said(message, await self._tell(self._activities.message(user, message, mentions=False)))
        self._enter(user_id, channel)
        if thread is not None and self._tenant.find(channel, thread) is None:
            raise Impossible(f"there is no thread {thread}")
        mentioned = (self._tenant.app.account,) if mention else ()
        message = self._tenant.post(channel, user_id, text, thread=thread, mentioned=mentioned)
        if not mention or not self._tenant.team.installed:
            return Said(message, None)
        return Said(message, await self._tell(self._activities.message(user, message, mentions=True)))

    async def press(
        self,
        user_id: str,
        message: Message | str,
        choice: Choice,
        *,
        conversation: str | None = None,
        values: Mapping[str, str] | None = None,
        crossed: bool = False,
    ) -> Pressed:
        """Press a button of a card the person sees, having filled in the card's own inputs.

        ``crossed``: the press crossed with an update, so a button of an earlier version counts too.
        """
        user = self._person(user_id)
        seen = self._message(user_id, message, conversation)
        offered = list(seen.controls)
        if crossed:
            for version in reversed(seen.earlier):
                offered += replace(seen, card=version.card).controls
        control = _pick(offered, choice)
        if control.kind == "Action.OpenUrl":
            return Pressed(url=control.url)
        data = control.data | _typed(control, seen.card or {}, values)
        if control.kind == "Action.Execute":
            return Pressed(await self._execute(user, seen, control, data, "manual"))
        if control.kind != "Action.Submit":
            raise Impossible(f"{control.kind} does not reach the bot")
        if control.opens_dialog:
            return Pressed(await self._fetch(user, seen, data))
        return Pressed(await self._tell(self._activities.value(user, seen, data)))

    async def refresh(
        self, user_id: str, message: Message | str, *, conversation: str | None = None
    ) -> Delivery:
        """Look at a card that refreshes itself: the client asks the bot, the person does nothing."""
        seen = self._message(user_id, message, conversation)
        told = (seen.card or {}).get("refresh", {})
        listed = told.get("userIds")
        if "action" not in told or (listed is not None and self.account(user_id) not in listed):
            raise Impossible("this card does not refresh itself for them")
        action = told["action"]
        control = Control("Action.Execute", "", action.get("verb"), action.get("data", {}), None, action)
        return await self._execute(self._person(user_id), seen, control, control.data, "automatic")

    async def submit(
        self, user_id: str, values: Mapping[str, str] | None = None, choice: Choice | None = None
    ) -> Delivery:
        """Fill in the open dialog and send it, by its only submit button unless one is named."""
        user = self._person(user_id)
        dialog = self.dialog(user_id)
        if dialog is None:
            raise Impossible(f"{user_id} has no dialog open")
        offered = [each for each in dialog.controls if each.kind == "Action.Submit"]
        control = _pick(offered, choice or (lambda _: True))
        data = control.data | _typed(control, dialog.card, values)
        self._tenant.dialogs[user_id] = replace(dialog, values=dict(values or {}))
        message = self._tenant.find(dialog.conversation, dialog.message)
        if message is None:
            raise Impossible("the message behind the dialog is gone")
        value = {"data": data, "context": {"theme": "default"}}
        delivery = await self._deliver(self._activities.invoke(user, "task/submit", value, message))
        self._answers.to_submit(user_id, dialog, delivery)
        return delivery

    def close(self, user_id: str) -> None:
        """Close the open dialog. The bot does not hear of it."""
        if self.dialog(user_id) is None:
            raise Impossible(f"{user_id} has no dialog open")
        self._answers.close(user_id)

    async def _execute(
        self, user: TeamsUser, message: Message, control: Control, data: Json, trigger: str
    ) -> Delivery:
        action = {"type": control.kind, "title": control.title, "data": data}
        action |= {key: control.action[key] for key in ("id", "verb") if key in control.action}
        value = {"action": action, "trigger": trigger}
        delivery = await self._deliver(self._activities.invoke(user, "adaptiveCard/action", value, message))
        self._answers.to_action(user.object_id, message, delivery)
        return delivery

    async def _fetch(self, user: TeamsUser, message: Message, data: Json) -> Delivery:
        value = {"data": data, "context": {"theme": "default"}}
        delivery = await self._deliver(self._activities.invoke(user, "task/fetch", value, message))
        self._answers.to_fetch(user.object_id, message.conversation, message.id, delivery)
        return delivery

    async def _deliver(self, activity: Json) -> Delivery:
        return await self._deliveries.deliver(activity)

    async def _tell(self, activity: Json) -> Delivery:
        delivery = await self._deliver(activity)
        self._answers.to_message(delivery)
        return delivery

    def _person(self, user_id: str) -> TeamsUser:
        user = self._tenant.users.get(user_id)
        if user is None:
            raise Impossible(f"nobody can act as {user_id}")
        return user

    def _open(self, user_id: str) -> str:
        """The conversation in which somebody can write to the bot. Who deleted it begins another."""
        if not self._tenant.is_reached(user_id):
            raise Impossible(f"{user_id} does not have the app")
        if user_id in self._tenant.blocked:
            raise Impossible(f"{user_id} has blocked the bot")
        return self._tenant.open_chat(user_id).id

    def _enter(self, user_id: str, channel: str) -> None:
        team = self._tenant.team
        if channel not in team.channels or user_id not in team.members:
            raise Impossible(f"{user_id} does not see {channel}")

    def _message(self, user_id: str, message: Message | str, conversation: str | None) -> Message:
        if isinstance(message, Message):
            conversation, message = message.conversation, message.id
        chat = self._tenant.chat_of(user_id)
        place = conversation or (chat.id if chat else "")
        if chat is None or place != chat.id:
            self._enter(user_id, place)
        found = self._tenant.find(place, message)
        if found is None:
            raise Impossible(f"{user_id} sees no message {message}")
        return self._tenant.seen_by(user_id, found)


def _pick(offered: list[Control], choice: Choice) -> Control:
    for control in offered:
        if choice in (control.name, control.title) if isinstance(choice, str) else choice(control):
            if control.action.get("isEnabled") is False:
                raise Impossible(f"{control.title} is greyed out")
            return control
    labels = ", ".join(f"{each.name} ({each.title})" for each in offered)
    raise Impossible(f"no such button; there are: {labels or 'none'}")


def _typed(control: Control, card: Json, values: Mapping[str, str] | None) -> Json:
    """What the inputs of a card give to what its button carries."""
    if str(control.action.get("associatedInputs", "auto")).lower() == "none":
        return {}
    return filled(card, values or {})
