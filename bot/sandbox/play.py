"""``sandbox --tour`` plays the whole story here; without it a page is served on which one plays it oneself."""

import asyncio
import signal
import sys
import tempfile
import time
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from bot.sandbox.browser import Browser
from bot.sandbox.chats import SLACK, TEAMS
from bot.sandbox.old_phone import OldPhone
from bot.sandbox.outside import Outside
from bot.sandbox.page import Page
from bot.sandbox.stage import Stage, StageFailed, stage
from bot.sandbox.story import Story, StoryBroken
from bot.settings import SlackMode

_READY: Final = ("Leif Åsen", "Wei Zhang", "Aisha Rahman", "Emil Aasen")
_MISSING: Final = (
    "Kari Bråten",
    "Siobhán O'Brien",
    "Priya Nair",
    "Elle Márjá Gaup",
    "Torunn Bø",
    "Pål Grønvold",
    "Nora Lindqvist",
    "Sunniva Østby",
)
_DAYS: Final = (date(2027, 1, 4), date(2027, 1, 11), date(2027, 1, 15), date(2027, 1, 18))
"""When reminders go: fourteen and seven days before, the last working day before the weekend, and the day itself."""
_IN_TEAMS: Final = (
    ("Pål Grønvold", "Hvordan setter jeg opp tofaktor på jobbkontoen?", "Authenticator"),
    ("Torunn Bø", "Eg har mista telefonen, kva gjer eg no?", "ID-porten"),
    ("Dmytro Shevchuk", "What is a temporary access pass?", "temporary access pass"),
)
out = Console()


@asynccontextmanager
async def _staged(*, keep: bool, socket_mode: bool) -> AsyncIterator[Stage]:
    mode = SlackMode.SOCKET if socket_mode else SlackMode.HTTP
    if keep:
        folder = Path(tempfile.mkdtemp(prefix="tofaktor-"))
        out.print(f"The data stays in {folder}")
        async with stage(folder, mode=mode) as playing:
            yield playing
        return
    with tempfile.TemporaryDirectory(prefix="tofaktor-") as name:
        async with stage(Path(name), mode=mode) as playing:
            yield playing


async def tour(*, keep: bool, socket_mode: bool) -> bool:
    """Play the story; whether every step held."""
    began = time.monotonic()
    try:
        async with _staged(keep=keep, socket_mode=socket_mode) as playing:
            await playing.start_bot()
            await tell_story(playing)
    except (StoryBroken, StageFailed) as broken:
        out.print(Text(f"✗ {broken}", style="bold red"))
        return False
    out.print(Text(f"Every step held, in {time.monotonic() - began:.0f} s.", style="bold green"))
    return True


async def page(*, port: int, keep: bool, open_browser: bool, socket_mode: bool) -> bool:
    """Serve the page until the process is told to stop; False when that was not possible."""
    try:
        async with _staged(keep=keep, socket_mode=socket_mode) as playing:
            await playing.start_bot()
            serving = Page(playing)
            address = await serving.start(port)
            try:
                out.print(f"The sandbox is open at [bold]{address}[/bold] – Ctrl+C ends it.")
                if open_browser:
                    await asyncio.to_thread(webbrowser.open, address)
                await _until_told_to_stop()
            finally:
                await serving.stop()
    except StageFailed as broken:
        out.print(Text(f"✗ {broken}", style="bold red"))
        return False
    return True


async def _until_told_to_stop() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()


async def tell_story(playing: Stage) -> Story:
    """The story, from the first question to the last reminder. ``StoryBroken`` when a step does not hold."""
    story = Story(playing, _said)
    _chapter("Three people ask, in three languages")
    await story.ask("Kari Bråten", "Hvordan setter jeg opp tofaktor på jobbkontoen?", "Authenticator")
    await story.ask("Leif Åsen", "Eg har mista telefonen, kva gjer eg no?", "ID-porten")
    await story.ask("Siobhán O'Brien", "What is a temporary access pass?", "temporary access pass")
    await story.ask("Priya Nair", "What is for lunch in the canteen today?", "Service Desk")

    _chapter("Three others ask in Teams")
    for name, question, expected in _IN_TEAMS:
        story.opens(name, TEAMS)
        await story.ask(name, question, expected)

    _chapter("Mehmet has lost his phone, and proves by eID who he is: asked in Slack, approved in Teams")
    story.opens("Ingrid Solbakken", TEAMS)
    answer = await story.ask("Mehmet Yılmaz", "I have lost my phone, what now?", "ID-porten")
    await story.prove("Mehmet Yılmaz", answer, as_whom="Gro Eikeland")
    _said("Mehmet Yılmaz", "is told the same as after any login that failed, and no more")
    browser = await story.prove("Mehmet Yılmaz", answer)
    await _to_the_end(story, "Mehmet Yılmaz", browser, in_chat=True)

    _chapter("Gro has lost hers too: asked in Teams, approved in Slack")
    story.opens("Gro Eikeland", TEAMS)
    story.opens("Ingrid Solbakken", SLACK)
    answer = await story.ask("Gro Eikeland", "Eg har mista telefonen, kva gjer eg no?", "ID-porten")
    browser = await story.prove("Gro Eikeland", answer)
    await _to_the_end(story, "Gro Eikeland", browser, in_chat=True)

    _chapter("Ole Ánte has lost his phone, and stands at the desk")
    code = await story.open_case("Máret Utsi", "Ole Ánte Sara")
    browser = await story.claim("Ole Ánte Sara", code)
    await story.refused_approval("Máret Utsi")
    await story.refused_approval("Håkon Øvrebø")
    await _to_the_end(story, "Ole Ánte Sara", browser)

    await _outside(story)

    _chapter("Twelve people have an activation day")
    await _rollout(story)
    story.nothing_leaked()
    return story


async def _outside(story: Story) -> None:
    """Three who cannot write to the bot now: at the front door, after a colleague asked, and on video."""
    outside = Outside(story)
    _chapter("Gunnhild is locked out of Teams, and comes to the front door")
    browser = await outside.knock("Gunnhild Myhre")
    await outside.turned_away("Gunnhild Myhre", browser, as_whom="Gro Eikeland")
    await outside.log_in("Gunnhild Myhre", browser)
    await _to_the_end(story, "Gunnhild Myhre", browser)

    _chapter("Bjørn is locked out, and a colleague asks for him")
    await outside.ask_for("Aisha Rahman", "Bjørn Sætre")
    await outside.told("Bjørn Sætre", "Noen har bedt om et midlertidig tilgangspass")
    browser = await outside.knock("Bjørn Sætre")
    await outside.log_in("Bjørn Sætre", browser)
    await _to_the_end(story, "Bjørn Sætre", browser)

    _chapter("Chloé has no eID: two weaker proofs, two approvers, and a wait")
    browser = await outside.seen_on_video("Jonas Lien", "Chloé Dubois")
    await story.case_is("Ikke godt nok")
    await outside.text_message("Chloé Dubois", browser)
    await story.case_is("0 av 2 godkjenninger")
    await story.approve("Ingrid Solbakken")
    await story.approve("Tomasz Nowak")
    await outside.waits("Chloé Dubois", browser, hours=4)
    await outside.text_message("Chloé Dubois", browser)
    await _shown(story, "Chloé Dubois", browser)


async def _to_the_end(story: Story, name: str, browser: Browser, *, in_chat: bool = False) -> None:
    """One approver decides, the pass is shown and used, and the old phone goes."""
    await story.approve("Ingrid Solbakken")
    await _shown(story, name, browser, in_chat=in_chat)


async def _shown(story: Story, name: str, browser: Browser, *, in_chat: bool = False) -> None:
    await story.show(name, browser)
    await story.case_is("Passet er vist")
    await story.use(name)
    await OldPhone(story).goes(name, browser, in_chat=in_chat)
    await story.case_is("Ferdig")
    story.nothing_leaked()


async def _rollout(story: Story) -> None:
    """Import a plan of twelve, move the clock, and see who is reminded of what."""
    playing = story.stage
    await _import(story)
    ready, missing = _READY, _MISSING
    for number, day in enumerate(_DAYS, start=1):
        if day > playing.clock.now().date():
            playing.clock.move_to(datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC))
        _chapter(f"It is {playing.clock.now():%A %d %B %Y}")
        for name in missing:
            found = await story.reminded(name, number)
            _said(name, f"reads: {found[-1].shown}")
    for name in (*ready, *missing):
        count = len(story.reminders(name))
        wanted = 0 if name in ready else len(_DAYS)
        if count != wanted:
            raise StoryBroken(f"{name} has had {count} reminders rather than {wanted}.")
    _said("Leif, Wei, Aisha and Emil", "are registered already, and have heard nothing")


async def _import(story: Story) -> None:
    """By the command that an administrator uses, first with a mistake in the file, then without."""
    playing = story.stage
    people = [story.person(name) for name in (*_READY, *_MISSING)]
    lines = [f"{who.upn};18.01.2027;Staff" for who in people]
    file = playing.folder / "plan.csv"
    file.write_text(
        "\n".join(["account;activation_day;wave", *lines, "nobody@fjordheim.example;18.01.2027;Staff"])
    )
    code, told = await _tofaktor(playing, "rollout", "import", str(file))
    if code != 1 or "line 14" not in told:
        raise StoryBroken(f"A plan with an unknown account was not refused: {told}")
    _said("Administrator", f"imports a plan with a mistake in it, and reads: {told.strip()}")
    file.write_text("\n".join(["account;activation_day;wave", *lines]))
    code, told = await _tofaktor(playing, "rollout", "import", str(file), "--reason", "First wave")
    if code != 0:
        raise StoryBroken(f"The plan was not imported: {told}")
    _said("Administrator", f"imports the plan, and reads: {told.strip()}")


async def _tofaktor(playing: Stage, *words: str) -> tuple[int, str]:
    """Run a command of the product against the stage; its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.sandbox.command",
        str(playing.folder / "clock"),
        *words,
        "--config",
        str(playing.config),
        env=playing.environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return process.returncode or 0, told.decode()


def _chapter(title: str) -> None:
    out.rule(Text(title, style="bold"), align="left")


def _said(who: str, what: str) -> None:
    first, *rest = what.splitlines()
    out.print(Text.assemble((f"{who} ", "bold cyan"), first))
    for line in rest:
        if line.strip():
            out.print(Text(f"    {line}", style="dim"))
