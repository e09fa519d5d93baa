"""The last net under the log: what looks like a secret, or stands under the name of one, becomes ``…``.

A net, not a wall: code that holds a secret does not log it in the first place.
"""

import re
from collections.abc import Mapping
from typing import Final

from structlog.typing import EventDict, WrappedLogger

CUT: Final = "…"

_SECRET_WORDS: Final = frozenset(
    {
        *("assertion", "authorization", "body", "bodies", "cookie", "cookies", "credential", "credentials"),
        *(
            "fnr",
            "key",
            "keys",
            "nin",
            "otp",
            "pass",
            "passcode",
            "passphrase",
            "passwd",
            "password",
            "payload",
        ),
        *("pid", "pin", "pwd", "secret", "secrets", "signature", "ssn", "tap", "token", "tokens", "verifier"),
    }
)
_SECRET_NAMES: Final = frozenset({"authcode", "claimcode", "usercode", "personnumber", "nationalid"})
_HARMLESS_ENDINGS: Final = frozenset(
    {
        *("age", "count", "error", "expires", "id", "ids", "kind", "kid", "length", "lifetime", "name"),
        *("source", "state", "status", "type", "version"),
    }
)
"""``pass_id`` and ``token_source`` say something about a secret and are none."""

_CODE_NAMES: Final = frozenset({"code"})
_ERROR_CODE: Final = re.compile(r"[A-Za-z][a-z_]*(?:[A-Z_.][a-z_]+)*|AADSTS\d+|\d{3}")
"""What a service calls an error: ``Authorization_RequestDenied``, ``invalid_client``, ``429``."""

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_CROCKFORD: Final = "0-9A-HJKMNP-TV-Z"

_SHAPES: Final = (
    # Slack: xoxb-…, xoxe.xoxp-…, xapp-… (docs.slack.dev/authentication/tokens) and addresses that are one
    re.compile(r"(?<![A-Za-z0-9])(?:xox[a-z]|xapp|xwfp)[.-][\w.-]+", re.IGNORECASE),
    re.compile(r"(?<=hooks\.slack\.com/)[\w/-]+"),
    # JWT: the header is a JSON object, so it begins with {" in base64url (RFC 7519)
    re.compile(r"(?<![\w-])eyJ[\w-]{4,}(?:\.[\w-]*)*"),
    re.compile(r"(?i)(?<=\bbearer )\S+|(?<=\bbasic )[\w+/=-]{8,}"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    # a person number, also as 010190 12345; the digits in the middle of an id are between letters a to f
    re.compile(r"(?<![0-9A-Fa-f])\d{2}[ .]?\d{2}[ .]?\d{2}[ \u00a0-]?\d{3}[ ]?\d{2}(?![0-9A-Fa-f])"),
    # a claim code, and as people type it; not two words of four letters
    re.compile(rf"(?<![\w-])[{_CROCKFORD}]{{4}}-[{_CROCKFORD}]{{4}}(?![\w-])"),
    re.compile(r"(?<![\w-])(?=[a-z-]*\d)[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}(?![\w-])"),
)
_NAMED: Final = re.compile(
    r"""(?ix) (?P<name> \b \w* (?: token | secret | password | passcode | passwd | pwd | assertion | cookie
                                 | temporaryaccesspass | code_verifier | user_code | claim_code )
                        | (?<=[?&]) (?: code | state | key ) | \b pw )
        (?P<sign> ["']? \s* (?: [=:] | %3D ) \s* (?: b? ["'] )? ) (?P<value> [^\s"'&,;)}\]<]+ )"""
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The processor that comes last before the line is written."""
    return {scrub(name): _value_of(name, value) for name, value in event.items()}


def scrub(text: str) -> str:
    """``text`` without anything that has the shape of a secret, nor characters that fool a reader of the log."""
    text = _CONTROL.sub("", text)
    for shape in _SHAPES:
        text = shape.sub(CUT, text)
    return _NAMED.sub(lambda found: f"{found['name']}{found['sign']}{CUT}", text)


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is cut whatever it looks like."""
    words = [word.lower() for word in _WORD.findall(name)]
    if "".join(words) in _SECRET_NAMES:
        return True
    return bool(_SECRET_WORDS.intersection(words)) and words[-1] not in _HARMLESS_ENDINGS


def _value_of(name: object, value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(name, str):
        if is_secret_name(name):
            return CUT
        if name in _CODE_NAMES and not _ERROR_CODE.fullmatch(str(value)):
            return CUT
    return _scrubbed(value)


def _scrubbed(value: object) -> object:
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if scrub(str(value)) == str(value) else CUT
        case str():
            return scrub(str(value))
        case bytes() | bytearray():
            return scrub(value.decode(errors="replace"))
        case Mapping():
            return {scrub(str(name)): _value_of(name, inner) for name, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_scrubbed(inner) for inner in value]
        case _:
            return scrub(str(value))
