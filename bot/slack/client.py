"""The Web API client that everything here shares."""

import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings.values import is_loopback

_TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=5)


@asynccontextmanager
async def web_client(api_url: str, token: str | None, ca_file: Path | None) -> AsyncIterator[AsyncWebClient]:
    """A client over one pool of connections, without retries of its own: the outbox decides about those."""
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        client = AsyncWebClient(
            token=token,
            base_url=api_url,
            ssl=ssl.create_default_context(cafile=ca_file),
            session=session,
            logger=silent("bot.slack.web"),
            retry_handlers=[],
        )
        client.proxy = proxy_for(api_url)
        yield client


def proxy_for(url: str) -> str | None:
    """The proxy to go through. The SDK takes any, and knows no exceptions; a loopback address never has one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)


def silent(name: str) -> logging.Logger:
    """A logger for Slack's libraries, which write bodies at DEBUG and INFO and tickets at ERROR."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.CRITICAL)
    return logger
