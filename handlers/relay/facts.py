"""What support may see of whoever wants to talk: the chat's name, the account, how far it is, what was asked."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from graph.errors import GraphError
from handlers.accounts import Directory
from handlers.messages import AskedLately, RelayCard
from handlers.messages.relay import METHODS
from handlers.people import Known
from handlers.questions.matching import Kind
from handlers.questions.topics import Topic
from handlers.records import Question
from handlers.relay.texts import called
from handlers.rollout import plan
from handlers.states import CaseState
from handlers.store import questions
from handlers.store.cases import Cases
from handlers.store.database import Database

log = structlog.get_logger(__name__)

_LOOKED_AT: Final = 10
_SHOWN: Final = 3
_LONGEST: Final = 400
"""Letters of a question that the card shows."""


@dataclass(frozen=True)
class Lately:
    """What somebody has asked, the newest first; greetings are none."""

    shown: tuple[AskedLately, ...]
    last: Question | None


@dataclass(frozen=True)
class Facts:
    """Looks them up, live. What nobody can tell is unknown, and holds nothing up."""

    database: Database
    directory: Directory
    cases: Cases

    async def card(self, known: Known, lately: Lately) -> RelayCard:
        """The card of a conversation that is about to begin; its id is not known yet."""
        card = RelayCard(
            relay="",
            name=called(known.profile.name, known.person.user),
            questions=lately.shown,
            can_mark=lately.last is not None,
        )
        if known.account is None:
            return card
        account, methods = await asyncio.gather(self._name(known.account), self._methods(known.account))
        async with self.database.transaction() as session:
            entry = await plan.entry(session, known.account)
            case = await self.cases.live_of(session, known.account)
        return replace(
            card,
            account=account or (entry.upn if entry else known.profile.email),
            activation_day=entry.activation_day if entry else None,
            methods=methods,
            case=case.id if case else None,
            case_state=CaseState(case.state) if case else None,
        )

    async def lately(self, known: Known, now: datetime) -> Lately:
        """What this person has asked."""
        async with self.database.transaction() as session:
            found = await questions.recent(session, known.person, now, _LOOKED_AT)
        asked = [question for question in found if question.kind != Kind.SMALLTALK and question.text]
        return Lately(tuple(map(_asked, asked[:_SHOWN])), asked[0] if asked else None)

    async def _name(self, account: str) -> str | None:
        try:
            return (await self.directory.users.get(account)).upn
        except GraphError as error:
            log.warning("account-unknown", status=error.status)
            return None

    async def _methods(self, account: str) -> tuple[str, ...] | None:
        try:
            found = {str(method.kind) for method in await self.directory.methods.list(account)}
        except GraphError as error:
            log.warning("methods-unknown", status=error.status)
            return None
        return tuple(kind for kind in METHODS if kind in found)


def _asked(question: Question) -> AskedLately:
    text = question.text if len(question.text) <= _LONGEST else question.text[:_LONGEST].rstrip() + "…"
    topic = question.chosen or question.topic
    if question.kind == Kind.REFUSE:
        return AskedLately(text, "refuse")
    if topic is None or topic == Topic.OFF_TOPIC:
        return AskedLately(text, "choose" if question.kind == Kind.CHOOSE else "handover")
    return AskedLately(text, "no-help" if question.helpful is False else "answer", topic)
