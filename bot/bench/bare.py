"""The baselines: what verifies its sender as the platform asks for, acknowledges, and does nothing else.

python -m bot.bench.bare PLATFORM FD    (the signing secret, or the address of the Bot service's keys, comes on the
standard input)
"""

import asyncio
import json
import re
import socket
import sys

import httpx
import jwt
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def on_slack(secret: str) -> Starlette:
    """The smallest application that Slack would accept: Bolt in Starlette."""

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


def on_teams(keys: jwt.PyJWKSet, app_id: str) -> Starlette:
    """The smallest application that the Bot service may trust: PyJWT in Starlette."""

    async def messages(request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        key = keys[jwt.get_unverified_header(token)["kid"]]
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=app_id,
                issuer="https://api.botframework.com",
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return Response(status_code=403)
        told = json.loads(await request.body())
        return Response(status_code=200 if told["serviceUrl"] == claims["serviceurl"] else 403)

    return Starlette(routes=[Route("/teams/messages", messages, methods=["POST"])])


def _application(platform: str, told: str) -> Starlette:
    if platform == "slack":
        return on_slack(told)
    address, app_id = told.split(" ")
    return on_teams(jwt.PyJWKSet.from_dict(httpx.get(address, trust_env=False).json()), app_id)


def main() -> None:
    """Serve on the socket that was handed over, until ended."""
    application = _application(sys.argv[1], sys.stdin.readline().strip())
    with socket.socket(fileno=int(sys.argv[2])) as listener:
        config = uvicorn.Config(application, log_level="error", access_log=False)
        asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
