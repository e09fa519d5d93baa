"""What the browser sees: the way in, the login page and the way back, and the way out of a session."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bot.sandbox.eid import asking, pages
from bot.sandbox.eid.clients import Clients
from bot.sandbox.eid.faults import Fault
from bot.sandbox.eid.keys import BadSignature, verified
from bot.sandbox.eid.records import Asked, Level, Refused, Registration, Session
from bot.sandbox.eid.state import State
from bot.sandbox.eid.tokens import Signing
from bot.sandbox.world import Resident, World

_PUSHED_ALONE: Final = frozenset({"client_id", "request_uri"})


@dataclass
class Front:
    """The pages, for one browser or many, told apart by a cookie."""

    world: World
    state: State
    clients: Clients
    signing: Signing
    issuer: str = ""

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/style.css", self._style),
            web.get("/authorize", self._authorize),
            web.post("/login", self._login),
            web.get("/logout", self._logout),
            web.post("/logout", self._logout),
        ]

    @property
    def people(self) -> list[Resident]:
        """Who has a person number, and with it an eID."""
        return sorted((r for r in self.world.residents if r.person_number), key=lambda each: each.name)

    async def _style(self, _: web.Request) -> web.Response:
        return web.Response(text=pages.STYLE, content_type="text/css")

    async def _authorize(self, request: web.Request) -> web.Response:
        try:
            parameters = asking.once((name, str(value)) for name, value in request.query.items())
            client = self.clients.named(parameters.get("client_id", ""))
            pushed = "request_uri" in parameters
            asked = self._pushed(client, parameters) if pushed else None
            back = asked.redirect_uri if asked else asking.target(client, parameters)
        except Refused as refused:
            return pages.refused(refused.words)
        try:
            asked = asked or self._direct(client, parameters)
            return self._answered_at_once(request, asked) or self._ask_who(request, asked)
        except Refused as refused:
            return self._failed(back, refused, asked.state if asked else parameters.get("state"))

    def _pushed(self, client: Registration, parameters: Mapping[str, str]) -> Asked:
        """ID-porten takes nothing beside the reference."""
        if parameters.keys() != _PUSHED_ALONE:
            raise Refused("invalid_request", "Beside request_uri there may only be client_id.")
        return self.state.pushed(parameters["request_uri"], client)

    def _direct(self, client: Registration, parameters: Mapping[str, str]) -> Asked:
        if client.pushes:
            raise Refused("invalid_request", "The client has to push its requests.")
        return asking.asked(client, parameters)

    def _answered_at_once(self, request: web.Request, asked: Asked) -> web.Response | None:
        """A live session answers for the browser, unless the client wants to see a login or a higher level."""
        session = self.state.session(self._browser(request), asked.client)
        enough = session is not None and (asked.wanted is None or session.level.rank >= asked.wanted.rank)
        if session is not None and enough and "login" not in asked.prompt:
            return self._back(asked, session)
        if "none" in asked.prompt:
            raise Refused("login_required", "Nobody is logged in.")
        return None

    def _ask_who(self, request: web.Request, asked: Asked) -> web.Response:
        response = pages.login(self.state.open_page(asked), asked, self.people)
        if not self._browser(request):
            response.set_cookie(
                self._cookie, secrets.token_urlsafe(24), path="/", httponly=True, samesite="Lax"
            )
        return response

    async def _login(self, request: web.Request) -> web.Response:
        if request.headers.get("Origin", self.issuer) not in self._origins:
            raise web.HTTPForbidden
        sent = {name: str(value) for name, value in (await request.post()).items()}
        browser = self._browser(request)
        try:
            asked = self.state.page(sent.get("login", ""))
            if not browser:
                raise Refused("invalid_request", "The browser took no cookie.")
        except Refused as refused:
            return pages.refused(refused.words)
        if sent.get("action") == "cancel":
            self.state.close_page(sent["login"])
            return self._failed(
                asked.redirect_uri, Refused("access_denied", "The person cancelled."), asked.state
            )
        try:
            number, level = self._person(sent), _level(sent, asked)
        except Refused as refused:
            return pages.login(sent["login"], asked, self.people, refused.words)
        self.state.close_page(sent["login"])
        return self._back(asked, self.state.begin_session(browser, asked.client, number, level))

    def _person(self, sent: Mapping[str, str]) -> str:
        typed = sent.get("number", "").strip()
        if typed:
            if not re.fullmatch("[0-9]{11}", typed):
                raise Refused("number", "A person number has eleven digits.")
            return typed
        for each in self.people:
            if each.object_id == sent.get("person") and each.person_number:
                return each.person_number
        raise Refused("person", "Choose somebody, or type a number.")

    def _back(self, asked: Asked, session: Session) -> web.Response:
        """To the client, with a code (RFC 6749, 4.1.2) and our name (RFC 9207)."""
        grant = self.state.grant(asked, session)
        self.clients.journal.given.append(grant.code)
        if Fault.REPLAY_CODE in self.state.faults:
            grant.exchanged = True
        if Fault.PROVIDER_ERROR in self.state.faults:
            return self._failed(asked.redirect_uri, Refused("server_error", "Out of order."), asked.state)
        answer = [("code", grant.code), ("state", asked.state), ("iss", self.issuer)]
        return _redirect(asked.redirect_uri, _astray(answer, self.state.faults))

    def _failed(self, back: str, refused: Refused, state: str | None) -> web.Response:
        answer = [("error", refused.error), ("error_description", refused.words), ("iss", self.issuer)]
        return _redirect(back, [*answer, *([("state", state)] if state else [])])

    async def _logout(self, request: web.Request) -> web.Response:
        """RP-Initiated Logout 1.0, 2 and 3."""
        form = await request.post() if request.method == "POST" else request.query
        try:
            parameters = asking.once((name, str(value)) for name, value in form.items())
            client = self._leaver(parameters)
            back = parameters.get("post_logout_redirect_uri", "")
            if back not in client.after_logout:
                raise Refused("invalid_request", "The post_logout_redirect_uri is not registered.")
        except Refused as refused:
            return pages.refused(refused.words)
        session = self.state.end_session(self._browser(request), client)
        address = _joined(back, [("state", parameters["state"])] if "state" in parameters else [])
        return pages.logged_out(self._frames(session) if session else [], address)

    def _leaver(self, parameters: Mapping[str, str]) -> Registration:
        """Whose logout it is: by name, by one of our tokens, or by both if they agree."""
        names = {parameters["client_id"]} if "client_id" in parameters else set()
        if "id_token_hint" in parameters:
            try:
                keys = self.signing.published(self.state.faults)
                names.add(str(verified(parameters["id_token_hint"], keys).get("aud")))
            except BadSignature:
                raise Refused("invalid_request", "The id_token_hint is not ours.") from None
        if len(names) != 1:
            raise Refused("invalid_request", "It is not clear whose logout this is.")
        return self.clients.named(names.pop())

    def _frames(self, session: Session) -> Sequence[str]:
        told = [("iss", self.issuer), ("sid", session.sid)]
        known = (self.clients.registered.get(name) for name in sorted(session.clients))
        return [_joined(client.logout_uri, told) for client in known if client and client.logout_uri]

    @property
    def _cookie(self) -> str:
        """Cookies know no port: two providers on one machine must not take each other's."""
        return f"eid-{urlsplit(self.issuer).port}"

    @property
    def _origins(self) -> frozenset[str]:
        port = urlsplit(self.issuer).port
        return frozenset({f"http://127.0.0.1:{port}", f"http://localhost:{port}"})

    def _browser(self, request: web.Request) -> str:
        return request.cookies.get(self._cookie, "")


def _level(sent: Mapping[str, str], asked: Asked) -> Level:
    if sent.get("level") not in list(Level):
        raise Refused("level", "Choose a level.")
    level = Level(sent["level"])
    if asked.wanted is not None and level.rank < asked.wanted.rank:
        raise Refused("level", "A higher level is asked for.")
    return level


def _astray(answer: list[tuple[str, str]], faults: set[Fault]) -> list[tuple[str, str]]:
    """The answer with what is wrong with it now."""
    missing = {
        name
        for name, fault in (
            ("code", Fault.MISSING_CODE),
            ("state", Fault.MISSING_STATE),
            ("iss", Fault.NO_ISS_PARAM),
        )
        if fault in faults
    }
    wrong = {
        name: value
        for name, value, fault in (
            ("state", secrets.token_urlsafe(32), Fault.WRONG_STATE),
            ("iss", "https://idp.example", Fault.WRONG_ISS_PARAM),
        )
        if fault in faults
    }
    twice = [("code", secrets.token_urlsafe(32))] if Fault.CODE_TWICE in faults else []
    return [(name, wrong.get(name, value)) for name, value in answer if name not in missing] + twice


def _redirect(to: str, answer: Sequence[tuple[str, str]]) -> web.Response:
    headers = {"Location": _joined(to, answer), "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(status=303, headers=headers)


def _joined(address: str, parameters: Sequence[tuple[str, str]]) -> str:
    if not parameters:
        return address
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(parameters)}"
