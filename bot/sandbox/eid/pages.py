"""The provider's pages: plain HTML without scripts."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.eid.records import Asked, Level
from bot.sandbox.world import Resident

STYLE: Final = """\
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; color: #1e2b3c }
h1 { font-size: 1.5rem }
.note { background: #fff4d6; border-left: .3rem solid #b07a00; padding: .5rem 1rem }
.wrong { background: #fde8e8; border-left: .3rem solid #b3261e; padding: .5rem 1rem }
label, legend { font-weight: 600 }
fieldset { border: 0; padding: 0; margin: 1rem 0 }
fieldset label { font-weight: 400; display: block }
select, input[type=text] { font: inherit; display: block; width: 100%; box-sizing: border-box; padding: .5rem;
  margin: .25rem 0 1rem }
button { font: inherit; padding: .6rem 1.4rem; border: 1px solid #1e2b3c; border-radius: .3rem; background: #fff;
  color: #1e2b3c }
button.first { background: #1e2b3c; color: #fff }
iframe { width: 0; height: 0; border: 0 }
"""
_NAMES: Final = {Level.SUBSTANTIAL: "substantial", Level.HIGH: "high"}


def login(name: str, asked: Asked, people: Iterable[Resident], wrong: str | None = None) -> web.Response:
    """Choose who you are. Numbers are not shown: whoever wants another one types it."""
    options = "".join(
        f'<option value="{escape(each.object_id)}">{escape(each.name)} ({escape(each.upn)})</option>'
        for each in people
    )
    levels = "".join(
        f'<label><input type="radio" name="level" value="{level}"'
        f"{' checked' if level is Level.HIGH else ''}> {_NAMES[level]}</label>"
        for level in Level
        if asked.wanted is None or level.rank >= asked.wanted.rank
    )
    body = f"""\
{_wrong(wrong)}
<p>Log in to <strong>{escape(asked.client.client_id)}</strong>.</p>
<form method="post" action="/login">
<input type="hidden" name="login" value="{escape(name)}">
<label for="person">Person</label>
<select id="person" name="person"><option value="">–</option>{options}</select>
<label for="number">or a person number (11 digits)</label>
<input type="text" id="number" name="number" inputmode="numeric" autocomplete="off">
<fieldset><legend>Level</legend>{levels}</fieldset>
<button class="first" name="action" value="go">Log in</button>
<button name="action" value="cancel">Cancel</button>
</form>"""
    return _page("Log in with eID", body, status=200 if wrong is None else 400)


def refused(words: str) -> web.Response:
    """What the browser shows when there is nowhere to send it back to."""
    return _page("This did not work", f'<p class="wrong">{escape(words)}</p>', status=400)


def logged_out(frames: Sequence[str], back: str) -> web.Response:
    """Tells everybody who knew of the session, each in a frame, and then leads back.

    OpenID Connect Front-Channel Logout 1.0, 3.
    """
    body = "".join(f'<iframe src="{escape(frame)}" title="Log out"></iframe>' for frame in frames)
    body += f'<p>You are logged out. <a href="{escape(back)}">Go on</a></p>'
    origins = " ".join(sorted({_origin(frame) for frame in frames}))
    refresh = f'<meta http-equiv="refresh" content="2; url={escape(back)}">'
    return _page("Logged out", body, head=refresh, frames=origins)


def _page(
    title: str, body: str, *, status: int = 200, head: str = "", frames: str = "'none'"
) -> web.Response:
    text = f"""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} – sandbox</title>
<link rel="stylesheet" href="/style.css">
{head}
<main>
<h1>{escape(title)}</h1>
<p class="note">This is a sandbox: nobody here is real.</p>
{body}
</main>
</html>"""
    # No form-action: browsers apply it to where an answered form leads, which is the client.
    policy = (
        f"default-src 'none'; style-src 'self'; frame-src {frames}; frame-ancestors 'none'; base-uri 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def _wrong(words: str | None) -> str:
    return f'<p class="wrong" role="alert">{escape(words)}</p>' if words else ""


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
