"""What people do at Entra: sign in with a pass, register a method, remove one, or make a pass as administrator."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from bot.sandbox.entra.audits import Audits
from bot.sandbox.entra.state import Account, StoredPass, Tenant
from bot.sandbox.world import Resident
from graph.methods import Kind

# https://learn.microsoft.com/entra/identity/authentication/howto-authentication-temporary-access-pass
_TIME_TO_REGISTER = timedelta(minutes=10)


class SignInRefused(Exception):
    """Entra does not let the user in; the text says why."""


@dataclass(frozen=True)
class Session:
    """A sign-in that began with a pass, and lasts no longer than it."""

    account_id: str
    pass_id: str
    until: datetime


class Devices:
    """The user's side of Entra."""

    def __init__(self, tenant: Tenant, audits: Audits, changed: Callable[[], None]) -> None:
        self._tenant = tenant
        self._audits = audits
        self._changed = changed

    def sign_in_with_pass(self, user: Resident | str, code: str) -> Session:
        """Sign in. A pass that works once is used up by it."""
        account = self._tenant.account(user)
        found = self._right_pass(account, code)
        found.used = True
        self._changed()
        until = found.expires
        if found.usable_once:
            until = min(until, self._tenant.clock.now() + _TIME_TO_REGISTER)
        return Session(account.id, found.id, until)

    def register_authenticator(self, holder: Session | Resident | str, device_name: str) -> str:
        """Register the Authenticator app of a phone; gives the id of the new method."""
        return self.register(holder, Kind.AUTHENTICATOR, device_name)

    def register(self, holder: Session | Resident | str, kind: Kind, name: str | None = None) -> str:
        """Register a method, in a session that still lasts or as somebody who can sign in anyway."""
        account = self._in_session(holder) if isinstance(holder, Session) else self._tenant.account(holder)
        method = self._tenant.register(account, kind, name)
        self._audits.registered(account, f"{kind} Authentication Method")
        self._changed()
        return method.id

    def make_pass(self, admin: Resident | str, user: Resident | str) -> StoredPass:
        """An administrator makes a pass in the portal, past the bot."""
        account = self._tenant.account(user)
        made = self._tenant.new_pass(account, lifetime=60, usable_once=True, start=None)
        self._audits.pass_made_by(self._tenant.account(admin), account, made)
        self._changed()
        return made

    def remove_method(self, user: Resident | str, method_id: str) -> None:
        """Remove a method on the page of one's own security details."""
        self._tenant.remove(self._tenant.account(user), method_id)
        self._changed()

    def _right_pass(self, account: Account, code: str) -> StoredPass:
        found = account.access_pass
        if not account.enabled:
            raise SignInRefused("the account is disabled")
        if found is None or not compare_digest(found.code.encode(), code.encode()):
            raise SignInRefused("wrong pass")
        usable, reason = self._tenant.usability(account, found)
        if not usable:
            raise SignInRefused(reason.value)
        return found

    def _in_session(self, session: Session) -> Account:
        account = self._tenant.account(session.account_id)
        ended = account.access_pass is None or account.access_pass.id != session.pass_id
        if ended or self._tenant.clock.now() >= session.until:
            raise SignInRefused("the session is over")
        return account
