"""What stops passes for everybody, put together."""

from dataclasses import dataclass

import structlog
from starlette.routing import Route

from bot.app.core import Core
from bot.app.signing import SigningIn
from bot.web.answering import Answering
from bot.web.passes import PassesWeb
from handlers.passes import Issue
from handlers.passes.switching import Switching

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Braking:
    """Words and buttons in chat, and the page."""

    switching: Switching
    routes: list[Route]

    @classmethod
    def build(cls, core: Core, issue: Issue, answering: Answering, signing: SigningIn | None) -> "Braking":
        if issue.evaluation:
            log.warning("evaluation", why="passes.evaluation is on: everything runs, and no pass is made")
        switching = Switching(
            core.database,
            core.people,
            core.accounts,
            issue.brakes,
            core.clock,
            core.settings.security.group or None,
            signing.links if signing else None,
            core.settings.web.public_url,
        )
        if signing is None:
            return cls(switching, [])
        web = PassesWeb(answering, signing.gate, switching, signing.links.stepping, core.clock)
        return cls(switching, web.routes())
