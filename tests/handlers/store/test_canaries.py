"""Whatever people write, no secret of theirs stands in the database afterwards."""

from handlers.events import Asked, Person, Place, Submitted
from handlers.states import CaseState
from handlers.store import evidence, inbox
from handlers.store.database import Database
from tests.handlers.store.given import AMIR, CASES, EVIDENCE_KEYS, MINUTE, NOW, SOLVEIG, dump, opened

_SECRETS = (
    "01019012345",
    "010190 12345",
    "4F7K-9QXM",
    "x4TpQ9rZ",
    "xoxb-123456789012-abcdefABCDEF",
    "xapp-1-A0123-456-deadbeef",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "731904",
)
_SAID = "Hei, " + ", og ".join(_SECRETS) + "!"


async def test_nothing_said_is_kept_that_must_not_be(database: Database) -> None:
    person, place = Person("slack", "T1", "U1"), Place("slack", "D1")
    async with database.transaction() as session:
        await inbox.receive(session, Asked("e1", person, place, _SAID), NOW)
        await inbox.receive(session, Submitted("e2", person, "desk", "", None, {"note": _SAID}), NOW)
        case = await opened(session)
        await CASES.move(
            session, case.id, CaseState.OPEN, CaseState.CANCELLED, now=NOW, actor=AMIR, reason=_SAID
        )
        await evidence.add(
            session, EVIDENCE_KEYS, case=case.id, target=SOLVEIG, route="desk", level=3, at=NOW, detail=_SAID
        )
    written = await dump(database)
    assert "Hei, …" in written or r"Hei, \u2026" in written
    assert not [secret for secret in _SECRETS if secret in written]
    async with database.transaction() as session:
        await inbox.claim(session, "a", NOW, MINUTE, 9)
        for id in ("e1", "e2"):
            await inbox.done(session, id, NOW)
    assert written.count("Hei, ") - (await dump(database)).count("Hei, ") == 2
