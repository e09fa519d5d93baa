"""What a person does and sees in chat, the same on each platform: write, press, fill in a form, read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from bot.sandbox.slack import SlackEmulator
from bot.sandbox.slack.records import Control as SlackControl
from bot.sandbox.slack.records import Message as SlackMessage
from bot.sandbox.slack.records import View, texts
from bot.sandbox.teams import Control as TeamsControl
from bot.sandbox.teams import Message as TeamsMessage
from bot.sandbox.teams import TeamsEmulator
from bot.sandbox.teams.records import texts as card_texts
from bot.sandbox.world import Resident

SLACK: Final = "slack"
TEAMS: Final = "teams"


@dataclass(frozen=True)
class Button:
    """What can be pressed in a message: an action of the bot's, or an address that opens."""

    action: str
    record: str
    label: str
    url: str | None


@dataclass(frozen=True)
class Seen:
    """Something of the bot's, as one person sees it now."""

    place: str
    id: str
    shown: str
    """All the words, in order."""
    buttons: tuple[Button, ...] = ()
    earlier: tuple[str, ...] = ()
    """What it said before it was changed, one version after the other."""
    thread: str = ""
    """The message that it stands below; nothing for one that stands by itself."""

    @property
    def links(self) -> list[str]:
        """Addresses behind buttons."""
        return [each.url for each in self.buttons if each.url]

    def offers(self, action: str, record: str = "") -> bool:
        """Whether there is a button for this."""
        return any(each.action == action and each.record.startswith(record) for each in self.buttons)

    def is_at(self, other: "Seen") -> bool:
        """Whether it is the same message, whatever it says by now."""
        return (self.place, self.id) == (other.place, other.id)


@dataclass(frozen=True)
class Form:
    """What somebody has open over the chat. What cannot be sent in is an outcome, to be read."""

    shown: str
    can_be_sent: bool
    links: tuple[str, ...] = ()


class Messenger(Protocol):
    """One platform, in the hands of the people who use it."""

    @property
    def platform(self) -> str:
        """``slack`` or ``teams``."""
        ...

    def has(self, who: Resident) -> bool:
        """Whether somebody is there, and can be written to."""
        ...

    def id(self, who: Resident) -> str:
        """Somebody's id there."""
        ...

    async def say(self, who: Resident, text: str) -> None:
        """Write to the bot in private."""
        ...

    async def reply(self, who: Resident, below: Seen, text: str) -> None:
        """Write in the thread of a message of the support channel, so that the bot hears it."""
        ...

    async def press(
        self, who: Resident, seen: Seen, action: str, record: str = "", *, crossed: bool = False
    ) -> None:
        """Press a button. ``crossed``: the press crossed with an update, so an earlier version counts too."""
        ...

    async def fill(self, who: Resident, values: Mapping[str, str]) -> None:
        """Fill in the open form, and send it."""
        ...

    async def close(self, who: Resident) -> None:
        """Close what is open."""
        ...

    def form(self, who: Resident) -> Form | None:
        """What is open."""
        ...

    def messages(self, who: Resident) -> list[Seen]:
        """What the bot wrote in private."""
        ...

    def asides(self, who: Resident) -> list[Seen]:
        """What the bot says to this person alone when they press something that others see too."""
        ...

    def support(self) -> list[Seen]:
        """What the bot wrote in the support channel, threads included."""
        ...

    def sent(self) -> str:
        """All that the bot ever sent there."""
        ...


@dataclass(frozen=True)
class InSlack:
    """People in Slack."""

    slack: SlackEmulator
    platform: str = SLACK

    def has(self, who: Resident) -> bool:
        """Whether somebody is in the workspace."""
        return who.slack_id is not None

    def id(self, who: Resident) -> str:
        """The user id. ``LookupError`` for those who are not in Slack."""
        if who.slack_id is None:
            raise LookupError(f"{who.name} is not in Slack")
        return who.slack_id

    async def say(self, who: Resident, text: str) -> None:
        """Write a direct message."""
        await self.slack.say(self.id(who), text)

    async def reply(self, who: Resident, below: Seen, text: str) -> None:
        """Write in the thread: the bot is in the channel, and hears it."""
        await self.slack.say(self.id(who), text, channel=below.place, thread_ts=below.thread or below.id)

    async def press(
        self, who: Resident, seen: Seen, action: str, record: str = "", *, crossed: bool = False
    ) -> None:
        """Press a button of a message."""

        def wanted(control: SlackControl) -> bool:
            return _action(control) == action and (control.value or "").startswith(record)

        await self.slack.press(self.id(who), seen.place, seen.id, wanted, crossed=crossed)

    async def fill(self, who: Resident, values: Mapping[str, str]) -> None:
        """Send the topmost modal."""
        view = self.slack.view(self.id(who))
        if view is None:
            raise LookupError(f"{who.name} has no form open")
        await self.slack.submit(self.id(who), view.id, values)

    async def close(self, who: Resident) -> None:
        """Close the topmost modal."""
        if (view := self.slack.view(self.id(who))) is not None:
            await self.slack.close(view)

    def form(self, who: Resident) -> Form | None:
        """The topmost modal."""
        view = self.slack.view(self.id(who))
        return None if view is None else Form(view.shown, view.submit is not None, _addresses(view))

    def messages(self, who: Resident) -> list[Seen]:
        """Direct messages."""
        return [_of_slack(each) for each in self.slack.from_bot(self.id(who))]

    def asides(self, who: Resident) -> list[Seen]:
        """Messages that only they see, in any channel."""
        return [_of_slack(each) for each in self.slack.ephemeral(self.id(who))]

    def support(self) -> list[Seen]:
        """The support channel."""
        written = self.slack.messages(self.slack.support_channel)
        return [_of_slack(each) for each in written if each.by_bot]

    def sent(self) -> str:
        """Every request and answer."""
        return self.slack.everything_sent()


@dataclass(frozen=True)
class InTeams:
    """People in Teams."""

    teams: TeamsEmulator
    platform: str = TEAMS

    def has(self, who: Resident) -> bool:
        """Whether somebody has the app."""
        return self.teams.has_app(who.object_id)

    def id(self, who: Resident) -> str:
        """The object id of the account."""
        return who.object_id

    async def say(self, who: Resident, text: str) -> None:
        """Write in the chat with the bot."""
        await self.teams.say(self.id(who), text)

    async def reply(self, who: Resident, below: Seen, text: str) -> None:
        """Write in the thread and name the bot, which hears nothing else there."""
        await self.teams.say(self.id(who), text, channel=below.place, thread=below.thread or below.id)

    async def press(
        self, who: Resident, seen: Seen, action: str, record: str = "", *, crossed: bool = False
    ) -> None:
        """Press a button of a card."""

        def wanted(control: TeamsControl) -> bool:
            return control.name == action and _record(control).startswith(record)

        await self.teams.press(self.id(who), seen.id, wanted, conversation=seen.place, crossed=crossed)

    async def fill(self, who: Resident, values: Mapping[str, str]) -> None:
        """Send the dialog."""
        await self.teams.submit(self.id(who), values)

    async def close(self, who: Resident) -> None:
        """Close the dialog."""
        if self.teams.dialog(self.id(who)) is not None:
            self.teams.close(self.id(who))

    def form(self, who: Resident) -> Form | None:
        """The dialog."""
        dialog = self.teams.dialog(self.id(who))
        if dialog is None:
            return None
        links = tuple(each.url for each in dialog.controls if each.url)
        return Form(dialog.shown, bool(dialog.inputs), links)

    def messages(self, who: Resident) -> list[Seen]:
        """The private chat."""
        return [_of_teams(each) for each in self.teams.from_bot(self.id(who))]

    def asides(self, who: Resident) -> list[Seen]:
        """Toasts, and the private chat: there comes what has a button, or is too long for a toast."""
        toasts = enumerate(self.teams.toasts(self.id(who)))
        return [*(Seen("toast", str(number), said) for number, said in toasts), *self.messages(who)]

    def support(self) -> list[Seen]:
        """The support channel."""
        written = self.teams.messages(self.teams.support_channel)
        return [_of_teams(each) for each in written if each.by_bot]

    def sent(self) -> str:
        """Every request and answer."""
        return self.teams.everything_sent()


def _of_slack(message: SlackMessage) -> Seen:
    buttons = (
        Button(_action(each), each.value or "", each.label, each.url or None) for each in message.controls
    )
    earlier = ("\n".join(texts(each.blocks)) if each.blocks else each.text for each in message.earlier)
    return Seen(
        message.channel,
        message.ts,
        message.shown,
        tuple(buttons),
        tuple(earlier),
        message.thread_ts if message.thread_ts and message.thread_ts != message.ts else "",
    )


def _of_teams(message: TeamsMessage) -> Seen:
    buttons = (Button(each.name, _record(each), each.title, each.url) for each in message.controls)
    earlier = ("\n".join(card_texts(each.card)) if each.card else each.text for each in message.earlier)
    return Seen(
        message.conversation,
        message.id,
        message.shown,
        tuple(buttons),
        tuple(earlier),
        message.thread or "",
    )


def _action(control: SlackControl) -> str:
    """Where several buttons do the same, their ids differ in what follows the name."""
    return re.split("[:#]", control.action_id)[0]


def _record(control: TeamsControl) -> str:
    ours = control.data.get("tofaktor")
    return str(ours.get("record", "")) if isinstance(ours, dict) else ""


def _addresses(view: View) -> tuple[str, ...]:
    return tuple(each.url for each in view.controls if each.url)
