"""The baseline: Bolt in Starlette that verifies a signature, acknowledges, and does nothing else.

python -m bot.bench.bare FD    (the signing secret comes on the standard input)
"""

import asyncio
import re
import socket
import sys

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def application(secret: str) -> Starlette:
    """The smallest application that Slack would accept."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-bare")  # noqa: S106

    app = AsyncApp(signing_secret=secret, authorize=authorize)

    async def nothing() -> None:
        return None

    app.event(re.compile(".*"))(nothing)
    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", events, methods=["POST"])])


def main() -> None:
    """Serve on the socket that was handed over, until ended."""
    secret = sys.stdin.readline().strip()
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        config = uvicorn.Config(application(secret), log_level="error", access_log=False)
        asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
