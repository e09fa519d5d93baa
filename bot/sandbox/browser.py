"""A browser, as far as the pages need one: cookies, origins, and redirects followed by hand."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx

from bot.sandbox.eid import Level
from bot.web.eid import LOGIN_COOKIE
from bot.web.guard import COOKIE

_LOGIN_PAGE: Final = re.compile(r'name="login" value="([^"]+)"')
_SIGN_IN_PAGE: Final = re.compile(r'name="request" value="([^"]+)"')
_SIGN_IN_FORM: Final = re.compile(r'method="post" action="([^"]+)"')

Form = Mapping[str, str | Sequence[str]]


@dataclass
class Browser:
    """Somebody's browser: it keeps the cookies that bind it, and says where its requests come from."""

    url: str
    language: str
    cookie: str | None = None
    """By which a case knows it."""
    login: str | None = None
    """By which a login that is under way knows it."""
    others: dict[str, str] = field(default_factory=dict, repr=False)
    """Every other cookie, by name."""

    @property
    def is_bound(self) -> bool:
        """Whether a case knows this browser."""
        return self.cookie is not None

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self._send("GET", path, None)

    async def post(self, path: str, form: Form | None = None) -> httpx.Response:
        """Send a form of that page."""
        return await self._send("POST", path, form or {})

    async def log_in(self, link: str, code: str, provider: str, person: str) -> httpx.Response:
        """Type the code on the page of a link, log in at the provider as a person of the world, and come back."""
        away = await self.post(link, {"code": code, "record": provider})
        if away.status_code != httpx.codes.SEE_OTHER:
            return away
        return await self.get(await log_in(away.headers["Location"], person))

    async def sign_in(self, purpose: str, person: str) -> httpx.Response:
        """Sign in at Entra as a person of the world, for one purpose of our pages, and come back."""
        return await self.sign_in_from(f"/signin/{purpose}/begin", person)

    async def sign_in_from(self, button: str, person: str) -> httpx.Response:
        """Press a button that leads to Entra, sign in there, and come back."""
        away = await self.post(button)
        if (address := onward(away)) is None:
            return away
        return await self.get(await sign_in(address, person))

    async def _send(self, method: str, path: str, form: Form | None) -> httpx.Response:
        headers = {"Accept-Language": self.language}
        kept = ((COOKIE, self.cookie), (LOGIN_COOKIE, self.login), *self.others.items())
        if cookies := "; ".join(f"{name}={value}" for name, value in kept if value is not None):
            headers["Cookie"] = cookies
        if method == "POST":
            headers["Origin"] = self.url
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=90) as client:
            answer = await client.request(method, path, data=form, headers=headers)
        # The standard library's cookie jar would not send a Secure cookie back over http; browsers do on loopback.
        for told in answer.headers.get_list("set-cookie"):
            name, _, rest = told.partition("=")
            value = rest.split(";")[0].strip('"') or None
            if name == COOKIE:
                self.cookie = value
            elif name == LOGIN_COOKIE:
                self.login = value
            elif value is not None:
                self.others[name] = value
            else:
                self.others.pop(name, None)
        return answer


def onward(response: httpx.Response) -> str | None:
    """Where a page goes on to by itself."""
    _, found, address = str(response.headers.get("Refresh", "")).partition("; url=")
    return address if found else None


async def log_in(address: str, person: str, level: Level = Level.HIGH, action: str = "go") -> str:
    """Answer the emulated provider's login page, or ``cancel`` it; the address it leads back to."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        page = await client.get(address)
        found = _LOGIN_PAGE.search(page.text)
        form = {"login": found[1] if found else "", "person": person, "level": str(level), "action": action}
        back = await client.post(page.url.join("/login"), data=form)
    return str(back.headers.get("Location", ""))


async def sign_in(address: str, person: str, context: str = "met") -> str:
    """Answer the emulated Entra's sign-in page; the address it leads back to."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        page = await client.get(address)
        asked, action = _SIGN_IN_PAGE.search(page.text), _SIGN_IN_FORM.search(page.text)
        form = {"request": asked[1] if asked else "", "person": person, "context": context, "action": "go"}
        back = await client.post(page.url.join(action[1] if action else "/"), data=form)
    return str(back.headers.get("Location", ""))
