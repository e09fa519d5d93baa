"""The database, the audit chain in it, and the latest sign-in that it knows of."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Final

from bot.doctor.finding import Finding, doubtful, fine, wrong
from bot.settings import Settings
from handlers.records import StaffSession
from handlers.store import signing_in
from handlers.store.audit import Audit, AuditKeys
from handlers.store.database import Database
from handlers.store.errors import SchemaOutdated, SchemaTooNew

_NAME: Final = "Database"
_CHAIN: Final = "Audit chain"


async def tables(settings: Settings) -> Sequence[Finding]:
    """Whether it can be reached, and has the tables that this program was written for."""
    async with _open(settings) as database:
        try:
            await database.check_schema()
        except SchemaOutdated:
            return [wrong(_NAME, "older than this program", "run `tofaktor db upgrade`")]
        except SchemaTooNew:
            return [wrong(_NAME, "newer than this program", "install the version that upgraded it")]
        return [fine(_NAME, f"{database.dialect}, up to date")]


async def chain(settings: Settings) -> Sequence[Finding]:
    """Whether the end of the chain is as the bot left it."""
    keys = [key.get_secret_value() for key in settings.secrets.audit_key]
    if not keys:
        return [wrong(_CHAIN, "cannot be verified without secrets.audit_key", "set secrets.audit_key")]
    async with _open(settings) as database, database.reading() as session:
        trusted = await Audit(AuditKeys(keys)).trusted(session)
    if trusted:
        return [fine(_CHAIN, "its end is as the bot left it")]
    return [
        wrong(
            _CHAIN,
            "broken, so no pass is issued",
            "run `tofaktor audit verify`, which names the row; find out who changed it",
        )
    ]


async def latest_sign_in(settings: Settings) -> Sequence[Finding]:
    """Whether the latest sign-in held what approving demands."""
    async with _open(settings) as database, database.reading() as session:
        found = await signing_in.latest(session)
    return [judge_sign_in(found, settings.signin.auth_context, settings.web.public_url)]


def judge_sign_in(latest: StaffSession | None, context: str, public_url: str) -> Finding:
    """Only sign-ins whose session is still kept are known."""
    name, page = "Latest sign-in", f"{public_url}/signin/test"
    if latest is None:
        return doubtful(name, "nobody is signed in", f"sign in at {page}, which shows what your sign-in held")
    at = f"{latest.auth_time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if latest.stepped_up:
        return fine(name, f"at {at}, was stepped up (auth_time and {context}); see {page}")
    if not context:
        return fine(
            name, f"at {at}, was not stepped up, which signin.auth_context does not ask for; see {page}"
        )
    return doubtful(
        name,
        f"at {at}, was not stepped up",
        f"open {page}: if acrs lacks {context} there too, add the optional claim acrs to the app registration, "
        "and a Conditional Access policy to the context",
    )


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[Database]:
    database = Database.open(settings.storage.url.get_secret_value())
    try:
        yield database
    finally:
        await database.close()
