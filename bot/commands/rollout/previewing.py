"""``rollout preview``: what would be sent on a day."""

from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bot.commands.context import Config, clock_of, database_of, out, run, settings_of
from bot.commands.rollout.importing import warning
from bot.plan import calendar_of, pace_of
from bot.render.values import clean
from bot.settings import Settings
from handlers.rollout.preview import Preview, PreviewChat, PreviewSlot
from handlers.rollout.preview import preview as preview_of


def preview(
    context: typer.Context,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day, as 2027-01-18.")],
    config: Config = None,
) -> None:
    """What would be sent on a day, by the plan as it is now."""
    settings = settings_of(config)
    found = run(_preview(settings, on.date(), clock_of(context).now()))
    for wave in found.paused:
        typer.echo(f"Warning: {f'the wave {clean(wave)}' if wave else 'the rollout'} is paused.", err=True)
    if found.is_quiet:
        out.print("Nobody is reminded on that day: what would fall on it goes earlier.")
        return
    if found.slots:
        out.print(_slots(found.slots))
    else:
        out.print("Nobody has a reminder left that is meant for that day.")
    for chat in found.chats:
        if chat.messages:
            out.print(_hours(chat, settings))
    for sentence in _warnings(found):
        typer.echo(sentence, err=True)


def _slots(slots: tuple[PreviewSlot, ...]) -> Table:
    table = Table(
        "activation day", "wave", "days from it", "in place of", "accounts at most", "ready already"
    )
    for slot in slots:
        table.add_row(
            f"{slot.activation_day:%Y-%m-%d}",
            Text(clean(slot.wave or "–")),
            f"{slot.as_sent:+d}",
            ", ".join(f"{offset:+d}" for offset in slot.merged) or "–",
            str(slot.accounts),
            str(slot.ready),
        )
    return table


def _hours(chat: PreviewChat, settings: Settings) -> Table:
    table = Table("from", f"messages in {chat.platform.capitalize()}")
    for begins, messages in chat.hours:
        table.add_row(f"{begins.astimezone(settings.rollout.time_zone):%H:%M}", str(messages))
    table.add_row("in all", str(chat.messages))
    return table


def _warnings(found: Preview) -> list[str]:
    sentences = [warning(off) for off in found.off_days]
    for chat in found.chats:
        name = chat.platform.capitalize()
        if chat.begun:
            sentences.append(
                f"{chat.begun} messages of this day do not fit into its hours in {name}: "
                "they go on the working day before."
            )
        if chat.early:
            sentences.append(f"{chat.early} messages in {name} are of later days that have too many.")
        if chat.too_many:
            sentences.append(
                f"Warning: {chat.too_many} messages do not fit into the hours of this day in {name}, and no "
                "working day is left before it: they are dropped, and the next reminder follows."
            )
    return sentences


async def _preview(settings: Settings, on: date, now: datetime) -> Preview:
    async with database_of(settings) as database, database.reading() as session:
        return await preview_of(
            session,
            on,
            offsets=settings.rollout.offsets,
            calendar=calendar_of(settings),
            pace=pace_of(settings),
            now=now,
        )
