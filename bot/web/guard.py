"""What every answer of ours carries, and which requests are let in."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "__Host-tofaktor"
"""The prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis, 4.1.3.2)."""

LANGUAGE_COOKIE: Final = "__Host-tofaktor-lang"
"""The language that was chosen at the front door: the pages behind it keep to it."""


def policy(forms_to: str = "") -> str:
    """The Content-Security-Policy of a page; ``forms_to`` are the origins its forms lead to besides ours.

    Browsers hold ``form-action`` against the redirects that follow a form too.
    """
    forms = f"'self' {forms_to}".rstrip()
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self'; form-action {forms}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


_HEADERS: Final = {
    "Content-Security-Policy": policy(),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True)
class Headed:
    """ASGI middleware: the headers of every answer, and no-store on everything that is not a style sheet."""

    app: ASGIApp
    secure: bool
    """Whether the public address is https: then browsers are told to stay with it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and head its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def head(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if self.secure:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self.app(scope, receive, head)


def same_origin(headers: Headers, public_url: str) -> bool:
    """Whether a POST comes from a page of ours. A browser always says so; silence is a no.

    ``Origin`` where it tells something, else ``Sec-Fetch-Site`` (W3C Fetch Metadata): under our own
    ``Referrer-Policy: no-referrer`` browsers send a form with ``Origin: null`` (Fetch standard, 3.2). The Host
    header plays no part: it is the sender's word.
    """
    origin = headers.get("origin", "null")
    if origin != "null":
        return origin == origin_of(public_url)
    return headers.get("sec-fetch-site") == "same-origin"


def origin_of(url: str) -> str:
    """Scheme, host and port, as browsers write an origin: in small letters, without the usual port."""
    parts = urlsplit(url.lower())
    usual = ":443" if parts.scheme == "https" else ":80"
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"


def client_address(peer: str | None, forwarded: str | None, trusted: Sequence[str]) -> str:
    """The peer's address, or the last entry of ``X-Forwarded-For`` that is not a trusted proxy of ours.

    An entry that is no address ends the search at the proxy that wrote it down. Ports, which some proxies add,
    are left out: a new connection is no new client.
    """
    networks = [ipaddress.ip_network(network) for network in trusted]
    here = _address(peer or "")
    if here is None:
        return "unknown"
    for entry in reversed((forwarded or "").split(",")):
        if not any(here in network for network in networks):
            break
        before = _address(entry.strip())
        if before is None:
            break
        here = before
    return str(here)


def _address(told: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """``192.0.2.7``, ``192.0.2.7:5021``, ``2001:db8::7``, ``[2001:db8::7]:5021``; an IPv4 address in IPv6 is IPv4."""
    bracketed = re.fullmatch(r"\[(.+)\](?::\d+)?", told)
    plain = bracketed[1] if bracketed else told.partition(":")[0] if told.count(":") == 1 else told
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
