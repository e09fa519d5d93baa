"""A conversation with support, all of it in Teams: the card, the button, the dialog, the thread, and the bot's name."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.delivery import Delivery
from bot.microsoft import directory_on, graph_of
from bot.sandbox.teams import Message
from bot.support import support_channels_of
from graph.client import GraphClient
from handlers.accounts import Directory
from handlers.events import Event
from handlers.messages import Language, RelayEnded
from handlers.people import People
from handlers.ports import Chats
from handlers.relay.crossing import Crossing
from handlers.relay.facts import Facts
from handlers.relay.feature import Relays
from handlers.relay.marking import Marking
from handlers.relay.replying import Replying
from handlers.relay.taking import Taking
from handlers.rollout.when import Calendar
from handlers.store.audit import Audit
from handlers.store.cases import Cases
from handlers.store.keys import AuditKeys
from tests.bot.teams.edge_rig import BERIT, Bot, person, settings_for

_EMIL = "Emil Aasen"


@dataclass
class _Talk:
    """The feature behind the edge."""

    bot: Bot
    relays: Relays
    delivery: Delivery

    @classmethod
    def on(cls, bot: Bot, graph: GraphClient) -> "_Talk":
        """Put together as in the product."""
        chats, database, clock = Chats((bot.parts.chat,)), bot.database, bot.clock
        directory: Directory = directory_on(graph)
        people = People(database, chats, directory.users, clock)
        crossing = Crossing(database, support_channels_of(settings_for(bot.entra, bot.teams)), clock)
        taking = Taking(database, crossing, clock)
        relays = Relays(
            database,
            people,
            Facts(database, directory, Cases(Audit(AuditKeys([b"a" * 32])))),
            crossing,
            taking,
            Marking(database, people, chats, crossing, clock),
            Replying(database, people, chats, crossing, taking),
            Calendar.norwegian(),
            clock,
        )
        talk = cls(bot, relays, Delivery(database, chats, clock, "bot"))
        bot.handler.does = talk.take
        return talk

    async def take(self, event: Event) -> None:
        """Hand it to the feature."""
        await self.relays.handle(event)

    async def settled(self) -> None:
        """Until nothing moves any more."""
        await self.bot.work()
        await self.relays.tick()
        while await self.delivery.step():
            await self.relays.tick()

    def channel(self) -> Sequence[Message]:
        """What stands in the support channel."""
        return [each for each in self.bot.teams.messages(self.bot.teams.support_channel) if each.by_bot]

    def told(self) -> str:
        """What Emil was told last."""
        return self.bot.teams.from_bot(self.bot.id(_EMIL))[-1].shown


async def test_a_conversation_goes_both_ways_and_each_answer_arrives(bot: Bot) -> None:
    settings = settings_for(bot.entra, bot.teams)
    async with graph_of(settings) as graph:
        talk, teams, berit = _Talk.on(bot, graph), bot.teams, bot.id(BERIT)
        place = await bot.parts.chat.private(person(_EMIL))
        offer = await bot.parts.chat.send(place, RelayEnded("person", "silence"), Language.NB)
        await teams.press(bot.id(_EMIL), offer.message, "questions.person", conversation=place.conversation)
        await talk.settled()
        [card] = talk.channel()
        assert f"Svar med knappen «Svar {_EMIL}»" in card.shown

        await teams.say(bot.id(_EMIL), "Hei, telefonen er borte")
        await talk.settled()
        line = talk.channel()[-1]
        assert (line.thread, "telefonen er borte" in line.shown) == (card.id, True)

        for below, said in ((card, "Hva ser du?"), (line, "Har du\nen ny?")):
            await teams.press(berit, below, "relay.reply")
            dialog = teams.dialog(berit)
            assert dialog is not None
            assert [each["id"] for each in dialog.inputs] == ["text"]
            await teams.submit(berit, {"text": said})
            await talk.settled()
            outcome = teams.dialog(berit)
            assert outcome is not None
            assert f"På vei til {_EMIL}" in outcome.shown
            assert all(part in talk.told() for part in (BERIT, *said.split("\n")))
            assert (talk.channel()[-1].thread, said.split("\n")[0] in talk.channel()[-1].shown) == (
                card.id,
                True,
            )

        await teams.say(berit, "oss imellom", channel=teams.support_channel, thread=card.id, mention=False)
        await teams.say(berit, "og med navn", channel=teams.support_channel, thread=card.id)
        await talk.settled()
        assert "og med navn" in talk.told()
        assert "oss imellom" not in "".join(each.shown for each in teams.from_bot(bot.id(_EMIL)))

        await teams.press(berit, talk.channel()[0], "relay.end")
        await talk.settled()
        await teams.press(berit, line, "relay.reply")
        over = teams.dialog(berit)
        assert over is not None
        assert "er over" in over.shown
        assert "relay.reply" not in [each.name for each in talk.channel()[0].controls]
        assert teams.malformed == []
