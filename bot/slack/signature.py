"""Whether a request comes from Slack: checked on the raw bytes, before anything in them is parsed.

https://docs.slack.dev/authentication/verifying-requests-from-slack. Bolt's own check comes after its parser,
answers 500 when the time is no number, and logs the whole body of a forged request; so it is off.
"""

import re
from collections.abc import Mapping

from slack_sdk.signature import SignatureVerifier

_TIME = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


def is_signed(body: str, headers: Mapping[str, str], verifier: SignatureVerifier) -> bool:
    """True for a request signed with our secret within five minutes of now."""
    time = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    if not _TIME.fullmatch(time) or not _SIGNATURE.fullmatch(signature):
        return False
    return verifier.is_valid(body, time, signature)
