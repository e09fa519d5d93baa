"""The agent's forms in chat, for the sandbox alone.

In the sandbox a chat account stands for a sign-in, so that the whole story can be played. Nowhere else: there
it proves nothing, and ``tofaktor run`` hands the bot nothing of this.
"""

from dataclasses import dataclass
from typing import Final

from bot.app import Parts, Support
from handlers.events import Asked, Event, Person, Pressed, Submitted
from handlers.messages import AgentForm, AgentFormClosed, AgentStart, CheckForm, ClaimCode, Data, name_of
from handlers.messages.desk import CHECKS
from handlers.people import Known, People
from handlers.ports import FormExpired
from handlers.store import outbox
from handlers.verification.desk import Code
from handlers.verification.opening import Refused

_WORDS: Final = frozenset({"case", "sak", "ny sak", "new case"})
_AGAIN: Final = frozenset(
    {"unknown-account", "class", "directory-down", "self", "case-open", "cool-down", "too-many-cases"}
)


@dataclass(frozen=True)
class ChatIdentity:
    """Takes the pinned link of a chat account for proof."""

    people: People

    async def account(self, person: Person) -> str | None:
        """The account that the chat's e-mail address belongs to."""
        return (await self.people.known(person)).account


@dataclass(frozen=True)
class AgentForms:
    """Open a case for …, tick what was checked, get the claim code."""

    parts: Parts
    identity: ChatIdentity

    async def handle(self, event: Event) -> bool:
        """Take the agent's own events, and leave all others."""
        match event:
            case Asked() if event.text.strip().lower() in _WORDS and event.place.private:
                return await self._offer(event)
            case Pressed(action="desk.open"):
                await self._open(event)
            case Submitted(form="agent_form"):
                await self._find(event)
            case Submitted(form="check_form"):
                await self._seen(event)
            case _:
                return False
        return True

    async def _offer(self, event: Asked) -> bool:
        known, account = await self._agent(event.person)
        if account is None or not await self.parts.accounts.is_agent(account):
            return False
        async with self.parts.database.transaction() as session:
            await outbox.add(
                session,
                outbox.Post(
                    key=f"reply:{event.id}:0",
                    target=event.person,
                    data=AgentStart(),
                    language=known.language,
                    due_at=self.parts.clock.now(),
                    priority=1,
                ),
                tenant=event.person.tenant,
            )
        return True

    async def _open(self, event: Pressed) -> None:
        known, account = await self._agent(event.person)
        if account is not None:
            await self._show(known, event.opener, AgentForm())

    async def _find(self, event: Submitted) -> None:
        known, account = await self._agent(event.person)
        if account is None:
            return
        wanted = event.values.get("account", "")
        found = await self.parts.desk.open(account, wanted)
        if not isinstance(found, Refused):
            form: Data = CheckForm(found.id, found.target_name, found.target_upn, found.target_department)
        elif found.reason in _AGAIN:
            form = AgentForm(wanted, found.reason)
        else:
            form = AgentFormClosed(found.reason)
        await self._show(known, event.opener, form)

    async def _seen(self, event: Submitted) -> None:
        known, account = await self._agent(event.person)
        if account is None:
            return
        checked = [name for name in event.values.get("checks", "").split(",") if name in CHECKS]
        outcome = await self.parts.desk.seen(account, event.record, checked)
        match outcome:
            case Code():
                await self._show(
                    known, event.opener, ClaimCode(outcome.case, outcome.code, outcome.expires_at)
                )
            case Refused("unchecked"):
                await self._unchecked(known, event)
            case Refused():
                await self._show(known, event.opener, AgentFormClosed(outcome.reason))

    async def _unchecked(self, known: Known, event: Submitted) -> None:
        case = await self.parts.desk.of_id(event.record)
        if case is None:
            await self._show(known, event.opener, AgentFormClosed("too-late"))
            return
        form = CheckForm(case.id, case.target_name, case.target_upn, case.target_department, "unchecked")
        await self._show(known, event.opener, form)

    async def _agent(self, person: Person) -> tuple[Known, str | None]:
        known = await self.parts.people.known(person)
        return known, await self.identity.account(person)

    async def _show(self, known: Known, opener: str | None, form: Data) -> None:
        """Open the form, or put it in the place of the one that was sent in; too late, the button is offered again."""
        person = known.person
        try:
            if opener is None:
                raise FormExpired(name_of(type(form)))
            await self.parts.chats.of(person.platform).open_form(opener, form, known.language)
        except FormExpired:
            chat = self.parts.chats.of(person.platform)
            await chat.send(await chat.private(person), AgentStart(), known.language)


def support(parts: Parts) -> Support:
    """What the sandbox hands to ``bot.app``."""
    identity = ChatIdentity(parts.people)
    return Support(identity, (AgentForms(parts, identity),))
