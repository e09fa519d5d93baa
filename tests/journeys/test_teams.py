"""Teams beside Slack, and alone: the same journeys, and those that begin in one chat and end in the other."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import pytest
import pytest_asyncio
from ruamel.yaml import YAML

from bot.sandbox.browser import Browser
from bot.sandbox.chats import SLACK, TEAMS, Seen
from bot.sandbox.old_phone import OldPhone
from bot.sandbox.stage import stage
from bot.sandbox.story import AT_THE_DESK, Story
from bot.settings import SlackMode
from bot.settings.sections import TeamsMode
from tests.commands import tofaktor
from tests.faults.given import PATIENCE, rows, silent, until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

INGRID, TOMASZ, JONAS = "Ingrid Solbakken", "Tomasz Nowak", "Jonas Lien"
"""Two approvers, and an agent. They read Bokmål, English and Nynorsk."""
GUNNHILD: Final = "Gunnhild Myhre"
"""Is in Teams and not in Slack."""
LOST: Final = {
    "nb": "Jeg har mistet telefonen, hva gjør jeg nå?",
    "nn": "Eg har mista telefonen, kva gjer eg no?",
    "en": "I have lost my phone, what now?",
}


@asynccontextmanager
async def told(
    folder: Path,
    *,
    mode: SlackMode = SlackMode.HTTP,
    teams_mode: TeamsMode = TeamsMode.HTTP,
    sections: Mapping[str, Mapping[str, object]] | None = None,
) -> AsyncIterator[Story]:
    """The bot is up, with these settings in place of the stage's; whatever it said was understood."""
    async with stage(folder, mode=mode, teams_mode=teams_mode) as playing:
        yaml = YAML(typ="safe", pure=True)
        tree = yaml.load(playing.config)
        for name, values in (sections or {}).items():
            tree[name].update(values)
        with playing.config.open("w", encoding="utf-8") as file:
            yaml.dump(tree, file)
        await playing.start_bot(within=3 * PATIENCE)
        yield Story(playing, silent)
        assert (playing.teams.malformed, playing.teams.complaints, playing.slack.complaints) == ([], [], [])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """One bot for the tests of which each is about somebody else."""
    async with told(tmp_path_factory.mktemp("stage")) as story:
        for name in (INGRID, JONAS):
            story.opens(name, TEAMS)
        yield story


async def reads(story: Story, name: str, words: str) -> Seen:
    """Wait until somebody has this in the private chat."""
    chat, who = story.chat_of(name), story.person(name)
    return (await until(story, lambda: [each for each in chat.messages(who) if words in each.shown]))[-1]


async def stands(story: Story, platform: str, words: str, who: str = "") -> Seen:
    """Wait until a support channel has a message that says this, about somebody."""
    chat = story.chats[platform]

    def there() -> list[Seen]:
        return [each for each in chat.support() if words in each.shown and who in each.shown]

    return (await until(story, there))[-1]


async def proved(story: Story, name: str) -> Browser:
    """Somebody has lost the phone, and proves by eID who they are."""
    answer = await story.ask(name, LOST[str(story.person(name).language)], "ID-porten")
    browser = await story.prove(name, answer)
    await stands_in_both(story, name, "venter på at en av dere bestemmer")
    return browser


async def stands_in_both(story: Story, name: str, words: str) -> None:
    """Each support channel has one card about this person, and it says this."""
    for platform, chat in story.chats.items():
        await stands(story, platform, words, story.person(name).upn)
        assert len([each for each in chat.support() if story.person(name).upn in each.shown]) == 1


async def card_of(story: Story, name: str, platform: str) -> Seen:
    """The card about somebody, as it stands there."""
    return await stands(story, platform, story.person(name).upn)


async def form_of(story: Story, name: str, words: str = "") -> None:
    """Wait until somebody has a form open, or its outcome, that says this."""
    chat, who = story.chat_of(name), story.person(name)
    await until(story, lambda: (form := chat.form(who)) is not None and words in form.shown)


@pytest.mark.parametrize(
    ("name", "question", "title"),
    [
        ("Siobhán O'Brien", "What is a temporary access pass?", "Use a temporary access pass"),
        ("Anne Hansen", "Hva er et midlertidig tilgangspass?", "Bruk et midlertidig tilgangspass"),
        ("Leif Åsen", "Kva er eit mellombels tilgangspass?", "Bruk eit mellombels tilgangspass"),
    ],
)
async def test_a_mention_in_a_channel_is_answered_in_its_thread_and_language(
    story: Story, name: str, question: str, title: str
) -> None:
    teams = story.stage.teams
    general = teams.channel("General")
    who = next(each for each in story.stage.world.residents if each.name == name)
    teams.add_user(next(each for each in teams.users if each.object_id == who.object_id), support=True)
    said = await teams.say(who.object_id, question, channel=general)
    below = await until(story, lambda: teams.thread(general, said.message.id)[1:])
    assert below[0].shown.startswith(title)


async def test_a_guide_changes_in_place_up_to_the_app_on_the_account(story: Story) -> None:
    kari, chat = story.person("Kari Bråten"), story.chats[TEAMS]
    story.opens(kari.name, TEAMS)
    answer = await story.ask(kari.name, "Hvordan setter jeg opp tofaktor?", "Authenticator")
    await story.presses(kari.name, answer, "setup.start")
    await reads(story, kari.name, "Hva slags telefon har du?")
    count = len(chat.messages(kari))

    async def presses(action: str, words: str) -> Seen:
        await story.presses(kari.name, chat.messages(kari)[-1], action)
        return await reads(story, kari.name, words)

    first = await presses("setup.android", "Steg 1 av 5")
    assert f"({story.stage.bot_url}/" in first.shown
    for step in range(2, 6):
        await presses("setup.next", f"Steg {step} av 5")
    story.stage.entra.devices.register_authenticator(kari, "Pixel 9")
    done = await presses("setup.next", "Ferdig!")
    assert "Pixel 9" in done.shown
    assert len(chat.messages(kari)) == count
    assert len(done.earlier) >= 6


async def test_who_adds_the_app_is_greeted_once_and_chooses_a_language(story: Story) -> None:
    arjun, chat = story.person("Arjun Patel"), story.chats[TEAMS]
    story.opens(arjun.name, TEAMS)
    await story.stage.teams.install(arjun.object_id)
    welcome = await reads(story, arjun.name, "Help with two-factor")
    await story.presses(arjun.name, welcome, "language.choose", "nn")
    await reads(story, arjun.name, "Frå no av skriv eg nynorsk til deg.")
    await story.ask(arjun.name, "What is a temporary access pass?", "Bruk eit mellombels tilgangspass")
    await story.stage.teams.uninstall(arjun.object_id)
    await story.stage.teams.install(arjun.object_id)
    await story.ask(arjun.name, "What is a temporary access pass?", "Bruk eit mellombels tilgangspass")
    assert len([each for each in chat.messages(arjun) if each.offers("language.choose", "nn")]) <= 2
    assert len([each for each in chat.messages(arjun) if "Help with two-factor" in each.shown]) == 1


async def test_a_colleague_asks_by_the_form_and_learns_nothing(story: Story) -> None:
    asker, owner = "Aisha Rahman", "Bjørn Sætre"
    for name in (asker, owner):
        story.opens(name, TEAMS)
    start = await story.ask(asker, "help a colleague", "")
    await story.presses(asker, start, "colleague.open")
    await form_of(story, asker)
    await story.chats[TEAMS].fill(story.person(asker), {"address": story.person(owner).mail})
    await form_of(story, asker, "Thanks")
    await reads(story, owner, "Noen har bedt om et midlertidig tilgangspass")


async def test_a_manager_is_asked_in_teams_and_led_to_the_page(story: Story) -> None:
    agent = Browser(story.stage.bot_url, "nb")
    await agent.sign_in("agent", story.person(JONAS).object_id)
    case = await agent.post("/case/agent", {"account": story.person("Bjørn Sætre").upn})
    asked = await agent.post(f"{case.headers['Location']}/ask", {"record": "manager"})
    assert asked.status_code == httpx.codes.SEE_OTHER
    question = await reads(story, GUNNHILD, "Bjørn Sætre")
    await story.presses(GUNNHILD, question, "vouching.open")
    manager = Browser(story.stage.bot_url, "nn")
    link = await until(
        story,
        lambda: [
            link
            for each in story.chats[TEAMS].messages(story.person(GUNNHILD))
            for link in each.links
            if link.endswith("/case/manager")
        ],
    )
    await manager.sign_in("manager", story.person(GUNNHILD).object_id)
    assert "Bjørn Sætre" in (await manager.get(link[0])).text


async def test_held_in_one_chat_taken_over_in_the_other_and_turned_down_by_the_dialog(story: Story) -> None:
    owner = "Mehmet Yılmaz"
    story.opens(owner, TEAMS)
    await proved(story, owner)
    await story.presses(INGRID, await card_of(story, owner, TEAMS), "approvals.hold")
    await stands_in_both(story, owner, f"{INGRID} er på saken")
    aside = await story.told_aside(TOMASZ, await card_of(story, owner, SLACK), "approvals.hold")
    await story.presses(TOMASZ, aside, "approvals.take")
    await stands_in_both(story, owner, f"{TOMASZ} er på saken")
    held = await card_of(story, owner, TEAMS)
    aside = await story.told_aside(INGRID, held, "approvals.hold")
    assert "privat" in aside.shown
    told_why = await reads(story, INGRID, f"{TOMASZ} har hatt sak")
    await story.presses(INGRID, told_why, "approvals.take")
    await stands_in_both(story, owner, f"{INGRID} er på saken")
    await story.deny(INGRID)
    await stands_in_both(story, owner, f"Avslått av {INGRID}")
    who, words = story.person(owner), "help you in person instead"
    for chat in story.chats.values():
        await until(story, lambda at=chat: [each for each in at.messages(who) if words in each.shown])  # type: ignore[misc]


async def test_it_was_not_me_in_teams_stops_what_was_begun_in_slack(story: Story) -> None:
    owner = "Torunn Bø"
    browser = await proved(story, owner)
    story.opens(owner, TEAMS)
    news = await reads(story, owner, "Vi har sett at det er deg")
    await story.presses(owner, news, "cases.stop")
    await stands_in_both(story, owner, "toppet")
    assert (await browser.post("/case/show")).status_code == httpx.codes.CONFLICT
    assert not story.stage.entra.passes_created


async def test_seen_at_the_desk_decided_in_teams(story: Story) -> None:
    agent, owner = "Máret Utsi", "Ole Ánte Sara"
    await story.claim(owner, await story.open_case(agent, owner, checks=AT_THE_DESK))
    story.opens(agent, TEAMS)
    card = await card_of(story, owner, TEAMS)
    aside = await story.told_aside(agent, card, "approvals.approve")
    assert "Det var du som møtte" in aside.shown
    await story.presses(JONAS, card, "approvals.approve")
    await until(
        story, lambda: "Berre godkjennarar" in story.stage.teams.toasts(story.person(JONAS).object_id)[-1]
    )


async def test_teams_alone_from_the_question_to_the_end_and_the_reminders(tmp_path: Path) -> None:
    async with told(tmp_path, mode=SlackMode.OFF) as story:
        owner = "Leif Åsen"
        answer = await story.ask(owner, LOST["nn"], "ID-porten")
        browser = await story.prove(owner, answer)
        await story.approve(INGRID)
        await story.show(owner, browser)
        await story.case_is("Passet er vist")
        await story.use(owner)
        await OldPhone(story).goes(owner, browser, in_chat=True)
        await story.case_is("Ferdig")
        story.nothing_leaked()
        assert not story.stage.slack.calls

        yuki = story.person("Yuki Tanaka")
        await story.ask(yuki.name, "What is a temporary access pass?", "temporary access pass")
        plan = tmp_path / "plan.csv"
        plan.write_text(f"account;activation_day\n{yuki.upn};18.01.2027\n", encoding="utf-8")
        await _imported(story, plan)
        [reminder] = await story.reminded(yuki.name, 1)
        assert "14 days until two-factor" in reminder.shown
        await story.presses(yuki.name, reminder, "reminders.done")
        await reads(story, yuki.name, "Nothing is set up")
        await story.presses(yuki.name, reminder, "questions.topic")
        await reads(story, yuki.name, "genuine")
        await story.presses(yuki.name, reminder, "setup.start")
        await reads(story, yuki.name, "Which phone do you have?")
        await _talked(story, "Siobhán O'Brien", TEAMS, JONAS)


async def test_slack_alone_as_ever(tmp_path: Path) -> None:
    async with told(tmp_path, teams_mode=TeamsMode.OFF) as story:
        owner = "Mehmet Yılmaz"
        browser = await proved(story, owner)
        await story.approve(INGRID)
        await story.show(owner, browser)
        await story.case_is("Passet er vist")
        story.nothing_leaked()
        assert not story.stage.teams.calls
        away = await browser.post("/teams/messages")
        assert away.status_code == httpx.codes.NOT_FOUND


async def _imported(story: Story, plan: Path) -> None:
    now = story.stage.clock.now()
    story.stage.clock.move_to(datetime(now.year, now.month, now.day, 9, 30, tzinfo=UTC))
    words = ("rollout", "import", str(plan), "--reason", "First", "--config", str(story.stage.config))
    said = await asyncio.to_thread(partial(tofaktor, *words, environment=story.stage.environment()))
    assert said.code == 0, said


@pytest.mark.parametrize(
    ("person_in", "support_in"),
    [(TEAMS, SLACK), (SLACK, TEAMS)],
    ids=["support in Slack", "support in Teams"],
)
async def test_a_conversation_with_support_in_the_other_chat(
    person_in: str, support_in: str, tmp_path: Path
) -> None:
    off: dict[str, Mapping[str, object]] = {person_in: {"support_channel": ""}}
    async with told(tmp_path, sections=off) as story:
        story.opens("Siobhán O'Brien", person_in)
        await _talked(story, "Siobhán O'Brien", support_in, JONAS)


async def _talked(story: Story, name: str, support_in: str, supporter: str) -> None:
    """From "Talk to a person" to the end of the conversation; support answers in every way there is."""
    story.opens(supporter, support_in)
    chat, support, who = story.chat_of(name), story.chats[support_in], story.person(name)
    await chat.say(who, "what do you know about the weather on Mars")
    answer = await reads(story, name, "no good answer")
    await story.presses(name, answer, "questions.person")
    await reads(story, name, "Support knows that you want to talk")
    card = await stands(story, support_in, f"{name} vil snakke med dere")
    await chat.say(who, "Hello, is anybody there?")
    line = await stands(story, support_in, "Hello, is anybody there?")
    assert line.thread == card.id
    assert card.offers("relay.reply") == (support_in == TEAMS)
    if support_in == TEAMS:
        await story.presses(supporter, line, "relay.reply")
        await form_of(story, supporter)
        await support.fill(story.person(supporter), {"text": "By the button"})
        await reads(story, name, "By the button")
        await support.close(story.person(supporter))
    await support.reply(story.person(supporter), card, "In the thread")
    got = await reads(story, name, "In the thread")
    assert supporter in got.shown
    await story.presses(supporter, await stands(story, support_in, "vil snakke med dere"), "relay.end")
    await reads(story, name, "has ended the conversation")
    await stands(story, support_in, f"{supporter} avsluttet samtalen")
    assert rows(story.stage, "SELECT count(*) FROM relay WHERE ended_at IS NULL") == [(0,)]
