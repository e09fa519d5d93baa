"""Whether Slack takes our token, whose workspace it opens, and whether it lets us do what we are to do."""

from collections.abc import Collection, Mapping
from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import PlatformRefused
from bot.shapes import text
from bot.slack.failures import as_chat_errors
from bot.slack.needs import Needs
from handlers.ports import ChatError, Rejected

log = structlog.get_logger()

SCOPES: Final = "X-OAuth-Scopes"
"""The header that names the scopes of a token."""


class SlackRefused(PlatformRefused):
    """Slack does not take our settings: one sentence that names the key."""


class Standing:
    """What ``auth.test`` said last."""

    def __init__(self, client: AsyncWebClient, workspace_ids: Collection[str], needs: Needs) -> None:
        self._client = client
        self._needs = needs
        self._workspaces = frozenset(workspace_ids)
        self.trouble: str | None = "slack: not started"

    async def look(self) -> None:
        """Ask again. ``SlackRefused`` when asking once more will not help; Slack being away is only noted."""
        before = self.trouble
        try:
            with as_chat_errors(repeatable=True):
                answer = await self._client.auth_test()
        except Rejected as rejected:
            self.trouble = f"slack.bot_token is refused by Slack ({rejected})"
            raise SlackRefused(self.trouble) from None
        except ChatError:
            self.trouble = "slack: not reachable"
            return
        self.trouble = foreign(answer.data, self._workspaces) or unfit(answer.headers, self._needs)
        if self.trouble is not None:
            raise SlackRefused(self.trouble)
        if before is not None:
            log.info("slack.ready")


def foreign(identity: object, workspaces: Collection[str]) -> str | None:
    """What to say when the token, by the answer to ``auth.test``, belongs to no workspace of ours."""
    ours = {text(identity, "team_id"), text(identity, "enterprise_id")}
    if ours.intersection(workspaces):
        return None
    return f"slack.workspace_ids does not name {text(identity, 'team_id')}, where slack.bot_token belongs"


def unfit(headers: Mapping[str, str], needs: Needs) -> str | None:
    """Slack names the scopes of a token with every answer; where something on the way drops them, nobody knows."""
    granted = headers.get(SCOPES)
    lacking = needs.lacking(scope.strip() for scope in granted.split(",")) if granted else []
    if not lacking:
        return None
    return f"the Slack app lacks {', '.join(lacking)}: add it as a bot scope, and install the app again"
