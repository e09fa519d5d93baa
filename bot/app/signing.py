"""Sign-in of approvers and agents, put together."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.app.core import Core
from bot.settings import Settings
from bot.web.answering import Answering
from bot.web.signin import Gate, SignInWeb
from handlers.approvals import Deciding
from handlers.approvals.by_link import Decisions
from handlers.ports import SignIn
from handlers.signing_in.links import SupportLinks
from handlers.signing_in.sessions import Sessions
from handlers.signing_in.signing import Signing
from handlers.signing_in.stepping import Stepping

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SigningIn:
    """What there is once ``signin`` is set."""

    links: SupportLinks
    decisions: Decisions
    signing: Signing
    gate: Gate
    web: SignInWeb

    @classmethod
    def build(
        cls, core: Core, deciding: Deciding, answering: Answering, sign_in: SignIn | None
    ) -> "SigningIn | None":
        if sign_in is None:
            return None
        settings, clock, database, chats = core.settings, core.clock, core.database, core.chats
        approval, context = settings.approval, settings.signin.auth_context
        stepping = Stepping(approval.step_up, timedelta(minutes=approval.step_up_minutes))
        links = SupportLinks(database, chats, stepping, clock)
        signing = Signing(database, sign_in, core.audit, clock, stepping_up=bool(context))
        decisions = Decisions(database, chats, core.cases, deciding, signing, links, clock)
        gate = Gate(answering, Sessions(database, clock), stepping_up=bool(context))
        web = SignInWeb(answering, gate, signing, decisions, settings.entra.tenant_id, context)
        return cls(links, decisions, signing, gate, web)


def warn(settings: Settings) -> None:
    """Say at the start what keeps passes from being issued."""
    if not settings.signin.on:
        log.warning(
            "issuing-off",
            why="signin is not set: agents and approvers cannot prove who they are, and no pass is issued",
        )
