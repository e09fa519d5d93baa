"""What goes on at the provider now. Everything times out by the clock that is given."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.sandbox.eid.faults import Fault
from bot.sandbox.eid.records import CODE_LIFE, LIFE, Asked, Grant, Level, Refused, Registration, Session
from handlers.ports import Clock

_AHEAD: Final = timedelta(seconds=3)
_PATIENCE: Final = timedelta(minutes=10)
"""How long a login page waits for somebody."""


@dataclass
class State:
    """Pushed requests, open login pages, sessions, codes and access tokens."""

    clock: Clock
    faults: set[Fault] = field(default_factory=set)
    grants: dict[str, Grant] = field(default_factory=dict)
    """By code."""
    sessions: dict[tuple[str, str], Session] = field(default_factory=dict)
    """By browser and, for a client whose sessions are its own, the client."""
    _pushed: dict[str, tuple[Asked, datetime]] = field(default_factory=dict)
    _pages: dict[str, tuple[Asked, datetime]] = field(default_factory=dict)
    _tokens: dict[str, tuple[Grant, datetime]] = field(default_factory=dict)
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)

    def now(self) -> datetime:
        """The time at the provider."""
        return self.clock.now() + (_AHEAD if Fault.SKEW_3S in self.faults else timedelta())

    def push(self, asked: Asked) -> str:
        """Keep a request; its address (RFC 9126, 2.2)."""
        address = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(24)}"
        self._pushed[address] = (asked, self.now())
        return address

    def pushed(self, address: str, client: Registration) -> Asked:
        """The request of this address, once."""
        asked, at = self._pushed.pop(address, (None, self.now()))
        if asked is None or asked.client != client or self.now() - at >= LIFE:
            raise Refused("invalid_request_uri", "The request_uri is unknown, used or too old.")
        return asked

    def open_page(self, asked: Asked) -> str:
        """A login page for the request; its name."""
        name = secrets.token_urlsafe(24)
        self._pages[name] = (asked, self.now())
        return name

    def page(self, name: str) -> Asked:
        """The request of an open login page."""
        asked, at = self._pages.get(name, (None, self.now()))
        if asked is None or self.now() - at >= _PATIENCE:
            raise Refused("invalid_request", "This page is too old. Go back to where you came from.")
        return asked

    def close_page(self, name: str) -> None:
        """It has been answered."""
        self._pages.pop(name, None)

    def session(self, browser: str, client: Registration) -> Session | None:
        """The live session that answers for this browser."""
        session = self.sessions.get((browser, _realm(client)))
        return session if session is not None and session.alive(self.now()) else None

    def begin_session(self, browser: str, client: Registration, number: str, level: Level) -> Session:
        """Somebody has just logged in; whoever was logged in before is not any more."""
        now = self.now()
        session = Session(secrets.token_urlsafe(16), number, level, now, now)
        self.sessions[browser, _realm(client)] = session
        return session

    def end_session(self, browser: str, client: Registration) -> Session | None:
        """Log out; the session that ended."""
        return self.sessions.pop((browser, _realm(client)), None)

    def grant(self, asked: Asked, session: Session) -> Grant:
        """A code for this client, and the session is its business too."""
        now = self.now()
        session.used = now
        session.clients.add(asked.client.client_id)
        grant = Grant(secrets.token_urlsafe(32), asked, session, now)
        self.grants[grant.code] = grant
        return grant

    def exchange(self, code: str, client: Registration) -> Grant:
        """The grant of this code, once. A second time takes back what the first one gave (RFC 6749, 4.1.2)."""
        grant = self.grants.get(code)
        if grant is None or grant.asked.client != client:
            raise _no_grant(code)
        if grant.exchanged:
            for token in grant.access_tokens:
                self._tokens.pop(token, None)
            raise _no_grant(code)
        grant.exchanged = True
        if self.now() - grant.made >= CODE_LIFE:
            raise _no_grant(code)
        return grant

    def access_token(self, grant: Grant) -> str:
        """A token for the userinfo endpoint."""
        token = secrets.token_urlsafe(32)
        self._tokens[token] = (grant, self.now())
        grant.access_tokens.append(token)
        return token

    def bearer(self, token: str) -> Grant:
        """What an access token is good for."""
        grant, at = self._tokens.get(token, (None, self.now()))
        if grant is None or self.now() - at >= LIFE:
            raise Refused("invalid_token", f"The token {token} is unknown or too old.", status=401)
        return grant

    def subject(self, client: Registration, number: str) -> str:
        """What the client knows a person by: the same always, and another one at another client."""
        return hmac.new(self._salt, f"{client.client_id}/{number}".encode(), hashlib.sha256).hexdigest()[:32]


def _realm(client: Registration) -> str:
    return client.client_id if client.alone else ""


def _no_grant(code: str) -> Refused:
    # Unlike the real one, this repeats what it was sent: a client that shows what it is told is found out.
    return Refused("invalid_grant", f"The code {code} is unknown, used, too old or not for this client.")
