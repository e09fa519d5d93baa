"""``verification unfreeze``: a named person lets an account have cases again after "it wasn't me"."""

from datetime import datetime
from typing import Annotated

import typer

from bot.commands.context import Config, clock_of, database_of, fail, out, run, settings_of
from bot.commands.verification import account_of
from bot.microsoft import directory_of
from bot.settings import Settings
from handlers.store import not_me
from handlers.store.audit import Audit
from handlers.store.cleaning import clean
from handlers.store.keys import AuditKeys


def unfreeze(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="USER", help="An account.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="In whose name: the audit is told.")],
    config: Config = None,
) -> None:
    """Let an account have cases again, of which somebody said "it wasn't me" within the last week."""
    settings, now = settings_of(config, complete=True), clock_of(context).now()
    lifted = run(lift(settings, who.strip(), clean(name)[:200], now))
    if lifted is None:
        fail(f"There is no account {who}: give a user name, an address or an object id.")
    out.print("New cases can be opened for the account." if lifted else "The account was not frozen.")


async def lift(settings: Settings, who: str, name: str, now: datetime) -> bool | None:
    """Whether there was anything to lift; nothing when there is no such account."""
    async with database_of(settings) as database, directory_of(settings) as directory:
        account = await account_of(directory, who)
        if account is None:
            return None
        audit = Audit(AuditKeys([key.get_secret_value() for key in settings.secrets.audit_key]))
        async with database.transaction() as session:
            if not await not_me.lift(session, account, name, now):
                return False
            await audit.append(
                session,
                at=now,
                actor=name,
                action="account.unfrozen",
                data={"by": name},
                people={"account": account},
            )
        return True
