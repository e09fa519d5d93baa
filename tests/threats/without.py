"""What stands in a control's place once it is taken away. Each gets what stood there, and gives its replacement."""

import inspect
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import jwt
from sqlalchemy import select, update
from sqlmodel import col
from starlette.routing import Router

from bot.eid.provider import Provider
from bot.jose import Claims
from bot.oidc.metadata import Metadata, Pinned
from handlers.events import Event, Place, Pressed
from handlers.messages import CaseLink, Data, Language, NotAllowed
from handlers.people import Known
from handlers.records import Case, EidAttempt, Invitation, Link
from handlers.states import CaseState
from handlers.store import outbox
from handlers.store import people as store_people
from handlers.store.keys import hashed
from handlers.verification import policy
from handlers.verification.asking import Asking
from handlers.verification.opening import Refused
from handlers.verification.proving import Given

Anything = Callable[..., Any]
_ORDINARY = policy.Classified(policy.AccountClass.A, "ordinary")


def _always(before: Anything, answer: object) -> Anything:
    async def later(*_: object, **__: object) -> object:
        return answer

    def now(*_: object, **__: object) -> object:
        return answer

    return later if inspect.iscoroutinefunction(before) else now


def yes(before: Anything) -> Anything:
    """Whatever is asked, the answer is yes."""
    return _always(before, True)


def nothing(before: Anything) -> Anything:
    """Nothing is found, nothing is said against it."""
    return _always(before, None)


def empty(_: Anything) -> Anything:
    """There is nothing to tell."""
    return lambda *_: ()


def nobody_told(_: Anything) -> Anything:
    """Whatever happens to an account, nobody outside chat hears of it."""
    return lambda _case: frozenset()


def unchanged(_: Anything) -> Anything:
    """What goes in comes out."""
    return lambda given: given


def unredacted(_: Anything) -> Anything:
    """A log line stays as it is."""
    return lambda _logger, _method, event: event


def every_state(_: object) -> frozenset[CaseState]:
    """Any state will do."""
    return frozenset(CaseState)


def any_browser(before: Anything) -> Anything:
    """Whatever browser asks, it is shown the newest case."""

    async def of_browser(self: Any, browser: str) -> Case | None:
        return await before(self, browser) or await _newest_case(self.database)

    return of_browser


async def _newest_case(database: Any) -> Case | None:
    async with database.transaction() as session:
        newest: Case | None = await session.scalar(select(Case).order_by(col(Case.opened_at).desc()).limit(1))
        if newest is not None:
            session.expunge(newest)
        return newest


def code_is_proof(before: Anything) -> Anything:
    """Who has the link and the code from the chat needs no login."""

    async def depart(self: Any, *given: Any, **named: Any) -> Any:
        outcome = await before(self, *given, **named)
        case = await _newest_case(self.logins.database)
        if case is not None:
            stands = await self.logins.proving.standing(case.target)
            now = self.logins.clock.now()
            async with self.logins.database.transaction() as session:
                await self.logins.proving.take(session, case.id, Given("eid", 4), None, now, stands)
        return outcome

    return depart


def without_prompt(before: Anything) -> Anything:
    """Whoever has a session at the provider is not asked again."""

    def wanted(self: Any, *given: Any) -> Mapping[str, str]:
        return {name: value for name, value in before(self, *given).items() if name != "prompt"}

    return wanted


def just_now(_: Anything) -> Anything:
    """Whatever the token says, the person logged in this moment."""
    return lambda _claims, _began, at: at


def look_spends(before: Anything) -> Anything:
    """Looking at a link uses it up."""

    async def look(self: Any, token: str) -> Any:
        found = await before(self, token)
        async with self.logins.database.transaction() as session:
            spent = update(Invitation).where(col(Invitation.token_hash) == hashed(token))
            await session.execute(spent.values(used_at=self.logins.clock.now()))
        return found

    return look


def taken_again(before: Anything) -> Anything:
    """A login may come back as often as it likes."""

    async def take(session: Any, cookie_hash: str, provider: str, since: Any, now: Any) -> Any:
        mine = col(EidAttempt.cookie_hash) == cookie_hash
        names = ("used_at", "state", "nonce", "verifier")
        columns = [getattr(EidAttempt, name) for name in names]
        row = (await session.execute(select(*columns).where(mine))).first()
        taken = await before(session, cookie_hash, provider, since, now)
        if taken is not None and row is not None:
            kept = dict(zip(names, row, strict=True))
            await session.execute(update(EidAttempt).where(mine).values(kept))
        return taken

    return take


def any_provider(before: Anything) -> Anything:
    """A login may come back from another provider than it went to."""

    async def take(session: Any, cookie_hash: str, _: str, since: Any, now: Any) -> Any:
        mine = col(EidAttempt.cookie_hash) == cookie_hash
        provider = await session.scalar(select(col(EidAttempt.provider)).where(mine))
        return await before(session, cookie_hash, provider, since, now)

    return take


def found_by_state(before: Anything) -> Anything:
    """A login is known by what its address says, whatever browser brings it."""

    async def come_back(self: Any, provider: str, _: Any, browser: Any, query: Any, *more: Any) -> Any:
        known = "found by its state"
        async with self.database.transaction() as session:
            mine = update(EidAttempt).where(col(EidAttempt.state) == dict(query).get("state", "-"))
            await session.execute(mine.values(cookie_hash=hashed(known)))
        return await before(self, provider, known, browser, query, *more)

    return come_back


def any_issuer(_: Anything) -> Anything:
    """Whichever provider answers, its code is taken."""

    def code(query: Sequence[tuple[str, str]], *_: object, **__: object) -> str:
        return dict(query)["code"]

    return code


def unverified(_: Anything) -> Anything:
    """What a token says is so."""

    async def claims_of(id_token: object, _published: object) -> Claims:
        found: Claims = jwt.decode(str(id_token), options={"verify_signature": False})
        return found

    return claims_of


def any_login(_: Anything) -> Anything:
    """Whatever the token says of the login, it is a good one of this moment."""

    def login(_claims: Claims, _asked: object, provider: Provider, now: Any) -> tuple[str, int, Any]:
        acr, level = max(provider.accept_acr.items(), key=lambda each: each[1])
        return acr, level, now

    return login


def trusting(_: Anything) -> Anything:
    """Metadata are believed whosever they are."""

    def read(_provider: Pinned, document: Mapping[str, Any]) -> Metadata:
        return Metadata(
            authorization=document["authorization_endpoint"],
            token=document["token_endpoint"],
            jwks=document["jwks_uri"],
            pushed=document.get("pushed_authorization_request_endpoint"),
            userinfo=document.get("userinfo_endpoint"),
            end_session=document.get("end_session_endpoint"),
            names_issuer=True,
        )

    return read


def following(_: Anything) -> Anything:
    """Redirects are followed wherever they lead."""

    async def ask(client: httpx.AsyncClient, request: httpx.Request, **_: object) -> Any:
        return (await client.send(request, follow_redirects=True)).json()

    return ask


def pinned_anew(before: Anything) -> Anything:
    """Whoever has the address today is tied to its account."""

    async def pin(session: Any, person: Any, account: str, email: str, now: Any) -> Link:
        await store_people.forget(session, person)
        pinned: Link = await before(session, person, account, email, now)
        return pinned

    return pin


def known_by_address(before: Anything) -> Anything:
    """Whoever is in Teams is known by an address, as elsewhere."""

    async def described(self: Any, *given: Any) -> Any:
        return replace(await before(self, *given), account=None)

    return described


def ours_alone(before: Anything) -> Anything:
    """What a payload says of other workspaces is not read."""
    return lambda payload: before(payload) - {"T0ELSEWHERE"}


def raw(before: Anything) -> Anything:
    """Pages show what is put into them as it is."""

    def environment(*given: Any) -> Any:
        layouts = before(*given)
        layouts.autoescape = False
        return layouts

    return environment


def whoever_it_says(before: Anything) -> Anything:
    """An activity is one of our own tenant's, whatever tenant it names and wherever it was said."""

    def read(activity: dict[str, Any], tenants: Sequence[str]) -> Any:
        ours, there = {"id": tenants[0]}, dict(activity["conversation"])
        if there.get("conversationType") == "groupChat":
            there["conversationType"] = "personal"
        told = {
            "from": {name: value for name, value in activity["from"].items() if name != "tenantId"},
            "channelData": {**activity["channelData"], "tenant": ours},
            "conversation": {**there, "tenantId": tenants[0]},
        }
        return before({**activity, **told}, tenants)

    return read


def aloud(before: Anything) -> Anything:
    """A case is told where it was asked for."""

    class Aloud(Asking):
        place: Place | None = None

        async def _say(self, known: Known, data: Data) -> None:
            assert self.place is not None
            await self.chats.of(known.person.platform).send(self.place, data, known.language)

    async def start(self: Asking, event: Pressed) -> None:
        told = Aloud(self.people, self.chats, self.by_eid, self.public_url)
        object.__setattr__(told, "place", event.place)
        await before(told, event)

    return start


def believed(_: Anything) -> Anything:
    """Whoever sends an activity is Teams."""

    async def check(_self: object, _authorization: str) -> str:
        return "https://smba.trafficmanager.net/teams"

    return check


def another_each_time(before: Anything) -> Anything:
    """What comes again counts as new."""

    async def receive(session: Any, event: Event, now: Any, **ours: Any) -> bool:
        if ours:
            # It is worked on at once, whatever is written.
            await before(session, event, now, **ours)
            return True
        fresh = replace(event, id=f"{event.id}:{secrets.token_hex(4)}")
        return bool(await before(session, fresh, now))

    return receive


def says_why(before: Anything) -> Anything:
    """Whoever is refused is told the reason."""

    async def refuse(self: Any, of: Any, provider: str, reason: str) -> Refused:
        await before(self, of, provider, reason)
        return Refused(reason if reason == "class" else "other-browser" if "number" in reason else "eid-down")

    return refuse


def tells_the_channel(before: Anything) -> Anything:
    """Support reads in its channel that somebody's login was refused."""

    async def refuse(self: Any, of: Any, provider: str, reason: str) -> Refused:
        refused: Refused = await before(self, of, provider, reason)
        channels, now = self.proving.cards.channels, self.clock.now()
        async with self.database.transaction() as session:
            key, data = f"refused:{secrets.token_hex(4)}", NotAllowed("not-enough")
            await channels.tell(session, key, data, now)
        return refused

    return refuse


def sends_links(_: Anything) -> Anything:
    """Whatever happens to a case, its owner is sent a link."""

    async def news(_self: Any, session: Any, case: Case, now: Any) -> None:
        for person in await store_people.people_of(session, case.target):
            post = outbox.Post(
                key=f"unasked:{case.id}:{case.state}:{person.user}",
                target=person,
                data=CaseLink(case.id, "204816", "http://127.0.0.1/case", now),
                language=Language.EN,
                due_at=now,
            )
            await outbox.add(session, post, tenant=person.tenant)

    return news


def ordinary_whoever(_: Anything) -> Anything:
    """Every account is an ordinary one."""
    return lambda _facts: _ORDINARY


def doubt_is_fine(before: Anything) -> Anything:
    """Who cannot be classed is an ordinary account."""

    def classify(facts: Any) -> policy.Classified:
        found: policy.Classified = before(facts)
        return _ORDINARY if found.is_unknown else found

    return classify


def as_it_was(before: Anything) -> Anything:
    """The account is what it was when it was approved."""

    def proved(self: Any, kept: Any, standing: policy.Standing, *given: Any) -> Any:
        return before(self, kept, replace(standing, classified=_ORDINARY, raised=()), *given)

    return proved


def always_enough(_: Anything) -> Anything:
    """Whatever the evidence, it will do."""

    def judge_as(_standing: object, proofs: Any, *_: object, **__: object) -> policy.Verdict:
        return policy.Verdict(
            enough=True, reason="enough", level=4, bar=policy.DEFAULT_RULES.strong, basis=tuple(proofs)
        )

    return judge_as


def whatever_it_was(before: Anything) -> Anything:
    """A case moves from whatever state it is in."""

    async def moved(session: Any, case_id: str, state: Any, _: Any, values: Any) -> Any:
        now = await session.scalar(select(col(Case.state)).where(col(Case.id) == case_id))
        return await before(session, case_id, CaseState(now or state), {}, values)

    return moved


def ends_are_none(before: Anything) -> Anything:
    """A case that has ended looks as if it waited for a decision."""

    async def got(self: Any, session: Any, case_id: str) -> Case | None:
        case: Case | None = await before(self, session, case_id)
        if case is not None and CaseState(case.state).ended:
            case.state = CaseState.VERIFIED
        return case

    return got


def by_name(before: Anything) -> Anything:
    """The pass is made for whoever has the name that the case was opened for."""

    async def create(self: Any, case: Case, ready: Any) -> Any:
        found = await self.accounts.directory.users.get(case.target_upn)
        case.target = found.id
        return await before(self, case, ready)

    return create


def for_the_day(before: Anything) -> Anything:
    """A pass works for hours, and as often as anybody likes."""

    async def create(self: Any, user_id: str, _lifetime: Any, **named: Any) -> Any:
        return await before(self, user_id, timedelta(hours=8), **{**named, "usable_once": False})

    return create


def redirecting(before: Any) -> Any:
    """Addresses with a slash too many are redirected, to wherever the Host header says."""

    class Redirecting(Router):
        redirect_slashes = property(lambda _: True, lambda _self, _value: None)

    class Application(before):  # type: ignore[misc]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.router.__class__ = Redirecting

    return Application


def frees_every_browser(before: Anything) -> Anything:
    """A logout elsewhere unbinds whoever is bound."""

    async def logout(self: Any, request: Any) -> Any:
        async with self.by_eid.database.transaction() as session:
            await session.execute(update(Case).values(browser_hash=None))
        return await before(self, request)

    return logout


def stepped_up(before: Anything) -> Anything:
    """Every sign-in counts as one that held the authentication context."""
    return lambda *given: replace(before(*given), stepped_up=True)
