"""The app is added in Teams, taken away and added again: one greeting, and a chat that is known while there is one."""

from bot.delivery import Delivery
from handlers.events import Event, Installed, Removed
from handlers.people import People
from handlers.ports import Chats
from handlers.store import references
from handlers.welcome import Welcomes
from tests.bot.teams.edge_rig import ANNA, Bot, person


async def _work(bot: Bot) -> None:
    """Handle what came in, as the product does, and let out what it brought."""
    chats = Chats((bot.parts.chat,))
    people = People(bot.database, chats, bot.parts.chat.users, bot.clock)
    welcomes = Welcomes(bot.database, people, bot.clock)

    async def handle(event: Event) -> None:
        if isinstance(event, Installed):
            await welcomes.installed(event)
        elif isinstance(event, Removed):
            await welcomes.removed(event)

    bot.handler.does = handle
    await bot.work()
    delivery = Delivery(bot.database, chats, bot.clock, "rig")
    while await delivery.step():
        pass


async def _is_known(bot: Bot) -> bool:
    async with bot.database.reading() as session:
        return await references.of_person(session, person(ANNA)) is not None


def _greetings(bot: Bot) -> int:
    chat = bot.teams.chat(bot.id(ANNA))
    assert chat is not None
    return len(bot.teams.messages(chat.id))


async def test_who_adds_the_app_is_greeted_once_and_forgotten_when_it_goes(bot: Bot) -> None:
    await bot.teams.uninstall(bot.id(ANNA))
    await _work(bot)
    await bot.teams.install(bot.id(ANNA))
    await _work(bot)
    assert (_greetings(bot), await _is_known(bot)) == (1, True)
    await bot.teams.uninstall(bot.id(ANNA))
    await _work(bot)
    assert (_greetings(bot), await _is_known(bot)) == (1, False)
    await bot.teams.install(bot.id(ANNA))
    await _work(bot)
    assert (_greetings(bot), await _is_known(bot)) == (1, True)


async def test_a_team_hears_in_its_channel_what_can_be_asked_there(bot: Bot) -> None:
    await bot.teams.install_in_team(bot.id(ANNA))
    await _work(bot)
    *_, told = await bot.teams.install_in_team(bot.id(ANNA))
    await _work(bot)
    (said,) = bot.teams.messages(told.activity["conversation"]["id"])
    assert "tofaktor" in str(said.card)
