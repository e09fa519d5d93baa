"""Whatever the provider does wrong, nobody gets in by it: every fault there is, over two ways to be set up."""

from collections.abc import Mapping
from typing import Final

import httpx
import pytest

from bot.eid.provider import ClientAuth
from bot.eid.refusals import EidRefused, EidUnavailable
from bot.jose import SigningKey
from bot.sandbox.eid import Fault
from bot.sandbox.eid.keys import Key
from handlers.ports import LoginError
from tests.bot.eid.rig import NAME, NORA, Rig, Way, rig_of

A: Final = Way(ClientAuth.PRIVATE_KEY_JWT, pushed=True, userinfo=False)
B: Final = Way(ClientAuth.CLIENT_SECRET_BASIC, pushed=False, userinfo=True)

REFUSED: Final[Mapping[Fault, str]] = {
    Fault.STALE_AUTH: "auth-time",
    Fault.MISSING_AUTH_TIME: "no-auth_time",
    Fault.FUTURE_AUTH_TIME: "auth-time",
    Fault.EXPIRED_TOKEN: "expired",
    Fault.MISSING_EXP: "no-exp",
    Fault.TEXT_EXP: "no-exp",
    Fault.FUTURE_IAT: "not-yet",
    Fault.OLD_IAT: "stale-token",
    Fault.MISSING_IAT: "no-iat",
    Fault.FUTURE_NBF: "not-yet",
    Fault.WRONG_NONCE: "nonce",
    Fault.MISSING_NONCE: "nonce",
    Fault.WRONG_ISS: "issuer",
    Fault.WRONG_AUD: "audience",
    Fault.AUD_LIST_WITH_AZP: "audience",
    Fault.AUD_LIST_OF_ONE: "audience",
    Fault.WRONG_AZP: "azp",
    Fault.MISSING_SUB: "no-sub",
    Fault.ALG_NONE: "token-algorithm",
    Fault.ALG_HS256_WITH_PUBLIC_KEY: "token-algorithm",
    Fault.UNKNOWN_KID: "token-unknown-kid",
    Fault.NO_KID: "token-no-kid",
    Fault.BAD_SIGNATURE: "token-signature",
    Fault.NO_SIGNATURE: "token-signature",
    Fault.KEY_IN_HEADER: "token-signature",
    Fault.KEY_ADDRESS_IN_HEADER: "token-signature",
    Fault.CRIT_HEADER: "token-(critical|malformed)",
    Fault.ENCRYPTED_TOKEN: "token-malformed",
    Fault.DUPLICATE_KID: "bad-answer",  # no other key is left, and a set without keys is none
    Fault.WRONG_ACR: "acr",
    Fault.MISSING_ACR: "acr",
    Fault.LOW_ACR: "acr",
    Fault.ACR_LIST: "acr",
    Fault.MISSING_PID: "number-form",
    Fault.PID_WITH_LETTERS: "number-form",
    Fault.PID_WITH_NEWLINE: "number-form",
    Fault.PID_AS_NUMBER: "number-form",
    Fault.PID_TOO_SHORT: "number-form",
    Fault.PID_OF_OTHER_DIGITS: "number-form",
    Fault.WRONG_STATE: "state",
    Fault.MISSING_STATE: "state",
    Fault.MISSING_CODE: "no-code",
    Fault.CODE_TWICE: "malformed-callback",
    Fault.REPLAY_CODE: "bad-answer",
    Fault.WRONG_ISS_PARAM: "wrong-iss",
    Fault.NO_ISS_PARAM: "no-iss",
    Fault.PROVIDER_ERROR: "provider-error",
    Fault.NO_ID_TOKEN: "token-malformed",
    Fault.HTML_TOKEN_ANSWER: "bad-answer",
    Fault.LIST_TOKEN_ANSWER: "bad-answer",
    Fault.TOKEN_REDIRECT: "bad-answer",
    Fault.HUGE_TOKEN_ANSWER: "bad-answer",
    Fault.COMPRESSED_TOKEN_ANSWER: "bad-answer",
    Fault.JWKS_EMPTY: "bad-answer",
    Fault.METADATA_LISTS_NONE: "token-algorithm",
    Fault.USERINFO_OTHER_SUB: "userinfo-sub",
    Fault.USERINFO_WITHOUT_SUB: "userinfo-sub",
}
"""What is not to be believed, with the word for the log."""

UNAVAILABLE: Final = frozenset(
    {
        Fault.TOKEN_DOWN,
        Fault.TOKEN_BUSY,
        Fault.SLOW,
        Fault.JWKS_DOWN,
        Fault.METADATA_DOWN,
        Fault.METADATA_OTHER_ISSUER,
        Fault.METADATA_REDIRECT,
        Fault.METADATA_FOREIGN_ENDPOINT,
        Fault.PAR_DOWN,
        Fault.PAR_WITHOUT_ADDRESS,
        Fault.USERINFO_DOWN,
    }
)
"""Where nobody can tell."""

UNSEEN: Final[Mapping[Way, frozenset[Fault]]] = {
    A: frozenset({Fault.USERINFO_DOWN, Fault.USERINFO_OTHER_SUB, Fault.USERINFO_WITHOUT_SUB}),
    B: frozenset({Fault.PAR_DOWN, Fault.PAR_WITHOUT_ADDRESS}),
}
"""What goes wrong where this way never comes by."""


def test_every_fault_is_expected_in_one_place() -> None:
    harmless = {fault for fault in Fault if fault.harmless}
    places = [REFUSED.keys(), UNAVAILABLE, harmless, {Fault.OTHER_PID}]
    assert set(Fault) == {fault for place in places for fault in place}
    assert len(Fault) == sum(len(place) for place in places)


@pytest.mark.parametrize("way", [A, B], ids=str)
@pytest.mark.parametrize("fault", Fault)
async def test_fault(fault: Fault, way: Way, ours: SigningKey, theirs: Key) -> None:
    async with rig_of(way, ours, theirs) as rig:
        rig.idp.faults.add(fault)
        if fault is Fault.SLOW:
            rig.outside.timeout = httpx.Timeout(0.1)
        if fault.harmless or fault in UNSEEN[way]:
            assert (await rig.log_in()).number.reveal() == NORA.person_number
        elif fault is Fault.OTHER_PID:
            identity = await rig.log_in()
            assert not await rig.eids.matches(NAME, NORA.object_id, identity.number)
        elif fault in UNAVAILABLE:
            with pytest.raises(EidUnavailable):
                await rig.log_in()
        else:
            with pytest.raises(EidRefused, match=f"^{REFUSED[fault]}$"):
                await rig.log_in()
        _went_nowhere_else(rig)
        await _works_again(rig)


def _went_nowhere_else(rig: Rig) -> None:
    """No redirect followed, no key fetched from where a token says, no code sent twice."""
    for path in ("/moved", "/elsewhere", "/foreign-jwks"):
        assert rig.count(path) == 0
    assert rig.count("/token") <= 1


async def _works_again(rig: Rig) -> None:
    """Nothing of a fault stays."""
    rig.idp.faults.clear()
    rig.outside.timeout = httpx.Timeout(5.0)
    assert (await rig.log_in()).number.reveal() == NORA.person_number


async def test_two_faults_at_once(rig: Rig) -> None:
    rig.idp.faults.update({Fault.SKEW_3S, Fault.STALE_AUTH})
    with pytest.raises(LoginError, match=r"^auth-time$"):
        await rig.log_in()


def test_every_fault_says_what_it_is() -> None:
    for fault in Fault:
        assert fault.says.endswith(".")
        assert "\n" not in fault.says
    assert len({fault.says for fault in Fault}) == len(Fault)
