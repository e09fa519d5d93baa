"""Whether an authorization request is one that the provider takes: pure rules (OpenID Connect Core 1.0, 3.1.2.2)."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from bot.sandbox.eid.records import Asked, Level, Refused, Registration

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_LOCALES: Final = ("nb", "nn", "en", "se")
_PROMPTS: Final = frozenset({"login", "none", "consent"})


def once(parameters: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The parameters, none of which may be there twice (RFC 6749, 3.1). Those without a value are left out."""
    pairs = list(parameters)
    if any(count > 1 for count in Counter(name for name, _ in pairs).values()):
        raise Refused("invalid_request", "A parameter is given more than once.")
    return {name: value for name, value in pairs if value}


def target(client: Registration, parameters: Mapping[str, str]) -> str:
    """Where the answer goes. Nothing is ever sent to an address that is not registered."""
    address = parameters.get("redirect_uri", "")
    if address not in client.redirect_uris:
        raise Refused("invalid_request", "The redirect_uri is not registered.")
    return address


def asked(client: Registration, parameters: Mapping[str, str]) -> Asked:
    """The request, if nothing is wrong with it."""
    if parameters.get("response_type") != "code":
        raise Refused("unsupported_response_type", "Only the code flow is offered.")
    if parameters.get("response_mode", "query") != "query":
        raise Refused("invalid_request", "The answer is sent in the address only.")
    for name in ("request", "request_uri"):
        if name in parameters:
            raise Refused(f"{name}_not_supported", "Requests are not taken as objects.")
    if "openid" not in parameters.get("scope", "").split():
        raise Refused("invalid_scope", "The scope has to hold openid.")
    for name in ("state", "nonce"):
        if name not in parameters:
            raise Refused("invalid_request", f"The {name} is missing.")
    return Asked(
        client=client,
        redirect_uri=target(client, parameters),
        state=parameters["state"],
        nonce=parameters["nonce"],
        challenge=_challenge(parameters),
        wanted=_wanted(parameters),
        prompt=_prompt(parameters),
        locale=_locale(parameters),
    )


def _challenge(parameters: Mapping[str, str]) -> str:
    """RFC 7636 with S256; ``plain`` is the default there and is refused here."""
    challenge = parameters.get("code_challenge", "")
    if parameters.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise Refused("invalid_request", "PKCE with S256 is required.")
    return challenge


def _wanted(parameters: Mapping[str, str]) -> Level | None:
    names = parameters.get("acr_values", "").split()
    if any(name not in list(Level) for name in names):
        raise Refused("invalid_request", "A value of acr_values is not known.")
    return min((Level(name) for name in names), key=lambda level: level.rank, default=None)


def _prompt(parameters: Mapping[str, str]) -> frozenset[str]:
    prompt = frozenset(parameters.get("prompt", "").split())
    if not prompt <= _PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise Refused("invalid_request", "The prompt is not known.")
    return prompt


def _locale(parameters: Mapping[str, str]) -> str:
    wished = parameters.get("ui_locales", "").split()
    return next((locale for locale in wished if locale in _LOCALES), "nb")
