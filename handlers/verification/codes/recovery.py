"""Saved recovery codes: made by the owner of an account while they can sign in, for the day they cannot."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.messages import Language, RecoveryNews
from handlers.ports import Clock
from handlers.records import Case, RecoveryCode
from handlers.store import codes as store
from handlers.store import limits, outbox, people
from handlers.store.audit import Audit
from handlers.store.database import Database
from handlers.store.keys import EvidenceKeys
from handlers.verification.opening import Refused

log = structlog.get_logger(__name__)

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is mistaken for another when it is copied by hand."""
LENGTH: Final = 16
"""80 bits; 64 are asked for (NIST SP 800-63B-4, 4.2.1)."""
_GROUP: Final = 4
_WINDOW: Final = timedelta(days=1)
_MADE_A_DAY: Final = 5


@dataclass(frozen=True)
class Recovery:
    """Makes codes, which are known in clear only to whoever makes them, and finds out whether one is right."""

    database: Database
    audit: Audit
    keys: EvidenceKeys
    clock: Clock

    async def made_at(self, account: str) -> datetime | None:
        """When the code of an account was made, if it has one that works."""
        async with self.database.reading() as session:
            found = await store.saved(session, account)
        return found.created_at if found else None

    async def make(self, account: str, language: Language) -> str | Refused:
        """A new code, in place of any older one. Whoever calls this has proved to be signed in to the account."""
        now, code = self.clock.now(), "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        async with self.database.transaction() as session:
            if not await limits.hit(session, f"recovery-made:{account}", now, _WINDOW, _MADE_A_DAY):
                return Refused("too-many")
            await store.save(session, account, self.keys.sign(_signed(account, code)), now)
            await self._news(session, account, RecoveryNews("made"), language, now)
            await self.audit.append(session, at=now, actor=account, action="recovery.made", data={})
        log.info("recovery-made")
        return spoken(code)

    async def right(self, session: AsyncSession, case: Case, code: str) -> RecoveryCode | None:
        """The saved code of the case's owner, if ``code`` is it.

        One that was made after the case was opened is none: whoever can make one can sign in, or has what the owner
        is signed in with.
        """
        found = await store.saved(session, case.target)
        held = found.code_mac if found is not None else ""
        same = [compare_digest(held, mac) for mac in self.keys.all_signatures(_signed(case.target, code))]
        if found is None or not any(same) or found.created_at >= case.opened_at:
            return None
        return found

    async def use(self, session: AsyncSession, case: Case, saved: RecoveryCode, now: datetime) -> bool:
        """Use it up, and tell the owner. False: it was used up before."""
        if not await store.use_saved(session, case.target, saved.code_mac, now):
            return False
        await self._news(session, case.target, RecoveryNews("used", case.id), Language(case.language), now)
        return True

    async def _news(
        self, session: AsyncSession, account: str, news: RecoveryNews, language: Language, now: datetime
    ) -> None:
        for person in await people.people_of(session, account):
            await outbox.add(
                session,
                outbox.Post(
                    key=f"recovery:{account}:{news.kind}:{now.isoformat()}:{person.platform}:{person.user}",
                    target=person,
                    data=news,
                    language=await people.language_of(session, person) or language,
                    due_at=now,
                    priority=2,
                ),
                tenant=person.tenant,
            )


def normal(typed: str) -> str:
    """A code as it was meant: Crockford's base 32 reads O as 0, I and L as 1; case and separators don't count."""
    letters = typed.upper().translate(str.maketrans("OIL", "011"))
    return "".join(letter for letter in letters if letter in ALPHABET)


def spoken(code: str) -> str:
    """A code as it is shown."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def _signed(account: str, code: str) -> bytes:
    """A code counts for its own account alone."""
    return f"recovery:{account}:{code}".encode()
