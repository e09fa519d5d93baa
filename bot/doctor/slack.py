"""Slack: the app's tokens, its workspace and scopes, and the channels of the settings."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.doctor.finding import Finding, doubtful, fine, wrong
from bot.settings import Settings
from bot.shapes import at, text
from bot.slack.client import web_client
from bot.slack.failures import as_chat_errors
from bot.slack.listening import listening_of
from bot.slack.needs import Needs, needs
from bot.slack.standing import SCOPES, foreign, unfit
from handlers.ports import Rejected, Unreachable

_SCOPES: Final = "Slack scopes"
_NO_MESSAGE: Final = "1000000000.000000"
"""From before Slack was there: asking for it tells whether we may read a channel, and nothing that is in it."""


async def app(settings: Settings) -> Sequence[Finding]:
    """Whether Slack takes the bot token, and what it lets us do."""
    slack = settings.slack
    async with web_client(slack.api_url, slack.bot_token.get_secret_value(), settings.http.ca_file) as client:
        with as_chat_errors(repeatable=True):
            answer = await client.auth_test()
    return [
        judge_workspace(answer.data, slack.workspace_ids),
        judge_scopes(answer.headers, needs(listening_of(settings))),
    ]


def judge_workspace(identity: object, workspaces: Sequence[str]) -> Finding:
    """Whether the token belongs to a workspace of ours."""
    name = "Slack app"
    if trouble := foreign(identity, workspaces):
        return wrong(
            name, trouble, "put that id into slack.workspace_ids, or install the app in the right one"
        )
    return fine(name, f"bot {text(identity, 'user_id')} in {text(identity, 'team_id')}")


def judge_scopes(headers: Mapping[str, str], wanted: Needs) -> Finding:
    """Whether the app has the scopes that the settings ask for."""
    if not headers.get(SCOPES):
        return doubtful(
            _SCOPES, "Slack did not name them", "see what changes the answers between Slack and here"
        )
    if trouble := unfit(headers, wanted):
        lacking, _, remedy = trouble.partition(": ")
        return wrong(_SCOPES, lacking, remedy)
    return fine(_SCOPES, f"all {len(wanted.scopes)} that are needed")


async def app_token(settings: Settings) -> Sequence[Finding]:
    """Whether Slack would open a connection for us. None is opened."""
    async with web_client(settings.slack.api_url, None, settings.http.ca_file) as client:
        with as_chat_errors(repeatable=True):
            await client.apps_connections_open(app_token=settings.slack.app_token.get_secret_value())
    return [fine("Slack app token", "Slack takes it")]


async def channel(settings: Settings, key: str, place: str) -> Sequence[Finding]:
    """Whether the bot is in a channel."""
    slack = settings.slack
    async with web_client(slack.api_url, slack.bot_token.get_secret_value(), settings.http.ca_file) as client:
        code = await _looked(client, place)
    return [judge_channel(key, place, code)]


def judge_channel(key: str, place: str, code: str) -> Finding:
    """``code`` is Slack's for what is in the way; nothing is."""
    name, invite = f"Slack channel {key}", f"in the channel {place}, type /invite and the name of the app"
    match code:
        case "":
            return fine(name, f"the bot is in {place}")
        case "not_in_channel":
            return wrong(name, f"the bot is not in {place}", invite)
        case "channel_not_found":
            return wrong(
                name,
                f"the bot does not see {place}: there is no such channel, or it is private and the bot not in it",
                f"compare {key} with the end of the channel's link, and {invite}",
            )
        case "is_archived":
            return wrong(name, f"{place} is archived", f"name another channel in {key}, or take it back")
        case "missing_scope":
            return doubtful(
                name,
                f"nobody can tell whether the bot is in {place}: its scopes allow writing there, not looking",
                invite,
            )
        case _:
            return wrong(name, f"{place}: Slack says {code}", f"see what {key} names")


async def _looked(client: AsyncWebClient, place: str) -> str:
    """By the scopes of those who listen, or else by those of who may list channels: few apps have them."""
    code, _ = await _asked(lambda: client.conversations_replies(channel=place, ts=_NO_MESSAGE))
    if code == "thread_not_found":
        return ""
    if code != "missing_scope":
        return code
    code, found = await _asked(lambda: client.conversations_info(channel=place))
    if code:
        return code
    if at(found, "channel", "is_archived") is True:
        return "is_archived"
    return "" if at(found, "channel", "is_member") is True else "not_in_channel"


async def _asked(call: Callable[[], Awaitable[AsyncSlackResponse]]) -> tuple[str, object]:
    """The code of a refusal, or nothing and the answer."""
    try:
        with as_chat_errors(repeatable=True):
            answer = await call()
    except (Rejected, Unreachable) as refused:
        return str(refused), None
    return "", answer.data
