"""The pages: requests from elsewhere, frames, and headers that say whatever the sender likes."""

import httpx

from bot.web.guard import COOKIE
from tests.threats.leaks import assert_held
from tests.threats.rig import Rig

_ADDRESSES = (
    "/help",
    "/help/",
    "/case",
    "/case/",
    "//case",
    "/case?next=//evil.example",
    "//evil.example",
    "/case/stop",
    "/teams/messages",
)


async def test_threat_56_nothing_leads_to_the_host_that_the_sender_names(rig: Rig) -> None:
    story = rig.somebody()
    browser = await story.proved()
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example;proto=https",
        "Cookie": f"{COOKIE}={browser.cookie}",
        "Origin": rig.url,
    }
    async with rig.client() as bare:
        for address in _ADDRESSES:
            for method in ("GET", "POST"):
                answer = await bare.request(method, address, headers=headers, data={"x": "y"})
                assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR
                assert "evil.example" not in answer.headers.get("Location", "")
                assert "evil.example" not in answer.text
    assert_held(rig)


async def test_threat_57_no_other_site_presses_our_buttons(rig: Rig) -> None:
    story = rig.somebody()
    browser = await story.ready(rig.approver())
    async with rig.client() as bare:
        for origin in ("https://evil.example", "null", f"{rig.url}.evil.example", None):
            for path in ("/case/show", "/case/stop", "/case"):
                headers = {"Cookie": f"{COOKIE}={browser.cookie}", "Sec-Fetch-Site": "cross-site"}
                headers |= {"Origin": origin} if origin else {}
                answer = await bare.post(path, data={"code": "AAAA-0000"}, headers=headers)
                assert answer.status_code == httpx.codes.FORBIDDEN
        page = await bare.get("/case", headers={"Cookie": f"{COOKIE}={browser.cookie}"})
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert story.state == "approved"
    assert_held(rig)
