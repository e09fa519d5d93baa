"""What a token has to say, whatever else it says."""

from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signin.authority import Authority
from bot.signin.checks import signed_in
from graph.secret import Secret
from handlers.ports import AskedLogin, LoginRefused
from tests.bot.signin.rig import CONTEXT, HOME, INGRID, START

AUTHORITY: Final = Authority(
    "https://login.microsoftonline.com",
    "11111111-2222-3333-4444-555555555555",
    "client",
    Secret("s"),
    CONTEXT,
)
ASKED: Final = AskedLogin("the-state", "the-nonce", "v" * 43, f"{HOME}/signin/callback", START)
AT: Final = int(START.timestamp())
RIGHT: Final[dict[str, Any]] = {
    "iss": AUTHORITY.issuer,
    "aud": "client",
    "nonce": "the-nonce",
    "sub": "pairwise",
    "iat": AT - 300,
    "nbf": AT - 300,
    "exp": AT + 3600,
    "ver": "2.0",
    "tid": AUTHORITY.tenant_id,
    "oid": INGRID.object_id,
    "name": INGRID.name,
    "auth_time": AT,
    "acrs": [CONTEXT],
}
_ANYTHING = st.none() | st.booleans() | st.integers() | st.text(max_size=40) | st.lists(st.text(max_size=4))


def test_the_right_claims() -> None:
    assert signed_in(RIGHT, ASKED, AUTHORITY, START).stepped_up


@given(name=st.sampled_from(sorted(RIGHT)), value=_ANYTHING)
def test_a_claim_with_anything_in_it_makes_nobody_else(name: str, value: object) -> None:
    """Whatever one claim holds: the same account, or a refusal; and stepped up only with both claims for it."""
    try:
        signed = signed_in(RIGHT | {name: value}, ASKED, AUTHORITY, START)
    except LoginRefused:
        return
    assert signed.account == INGRID.object_id
    if name == "acrs":
        assert signed.stepped_up is (value == CONTEXT or (isinstance(value, list) and CONTEXT in value))


@given(seconds=st.integers(-4000, 4000))
def test_the_time_of_the_sign_in_lies_between_its_beginning_and_now(seconds: int) -> None:
    now = START + timedelta(minutes=5)
    claims = RIGHT | {"auth_time": AT + seconds}
    if -10 <= seconds <= 310:
        assert signed_in(claims, ASKED, AUTHORITY, now).auth_time == START + timedelta(seconds=seconds)
    else:
        with pytest.raises(LoginRefused, match="auth-time"):
            signed_in(claims, ASKED, AUTHORITY, now)


@pytest.mark.parametrize(("late", "good"), [(9, True), (10, False)])
def test_ten_seconds_of_grace(late: int, good: bool) -> None:
    now = START + timedelta(seconds=3600 + late)
    claims = RIGHT | {"auth_time": AT}
    if good:
        assert signed_in(claims, ASKED, AUTHORITY, now).stepped_up
    else:
        with pytest.raises(LoginRefused, match="expired"):
            signed_in(claims, ASKED, AUTHORITY, now)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://login.microsoftonline.com/x/oauth2/v2.0/authorize", True),
        ("http://login.microsoftonline.com/x", False),
        ("https://login.microsoftonline.com:444/x", False),
        ("https://login.microsoftonline.com@evil.example/x", False),
        ("https://evil.example/login.microsoftonline.com", False),
        ("https://x.login.microsoftonline.com/x", False),
        ("https://login.microsoftonline.com/x#y", False),
        ("https://login.microsoftonline.com/x y", False),
        ("//login.microsoftonline.com/x", False),
        (None, False),
    ],
)
def test_endpoints_lie_with_the_authority(address: object, good: bool) -> None:
    assert AUTHORITY.may_reach(address) is good
