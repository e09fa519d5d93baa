"""Entra's sign-in page: plain HTML without scripts."""

from collections.abc import Iterable
from html import escape

from aiohttp import web

from bot.sandbox.eid.pages import STYLE
from bot.sandbox.world import Resident


def login(request_id: str, tenant: str, people: Iterable[Resident], context: str | None) -> web.Response:
    """Choose who you are, and whether you meet the authentication context that is demanded."""
    options = "".join(
        f'<option value="{escape(each.object_id)}">{escape(each.name)} ({escape(each.upn)})</option>'
        for each in people
    )
    asked = (
        f"<fieldset><legend>Authentication context {escape(context)}</legend>"
        '<label><input type="radio" name="context" value="met" checked> met</label>'
        '<label><input type="radio" name="context" value="not-met"> not met</label></fieldset>'
        if context
        else ""
    )
    body = f"""\
<p>Sign in to <strong>tofaktor</strong>.</p>
<form method="post" action="/{escape(tenant)}/login">
<input type="hidden" name="request" value="{escape(request_id)}">
<label for="person">Account</label>
<select id="person" name="person">{options}</select>
{asked}
<button class="first" name="action" value="go">Sign in</button>
<button name="action" value="cancel">Cancel</button>
</form>"""
    return _page("Sign in with Microsoft", body, status=200)


def refused(number: int, words: str) -> web.Response:
    """What the browser shows when it is not sent back."""
    return _page("This did not work", f'<p class="wrong">AADSTS{number}: {escape(words)}</p>', status=400)


def _page(title: str, body: str, *, status: int) -> web.Response:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>"
        '<p class="note">The sandbox: nobody real signs in here.</p>'
        f"{body}</body></html>"
    )
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
    }
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)
