"""What can be made to go wrong at the provider, by name; any number of them at once."""

from enum import StrEnum
from typing import Self


class Fault(StrEnum):
    """A way in which the provider, or somebody between it and us, misbehaves. ``says`` tells it in one line."""

    says: str

    def __new__(cls, name: str, says: str) -> Self:
        """A name with its line."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.says = says
        return member

    # the token's times
    STALE_AUTH = "stale_auth", "The person logged in an hour ago."
    MISSING_AUTH_TIME = "missing_auth_time", "The token does not say when the person logged in."
    FUTURE_AUTH_TIME = "future_auth_time", "The person will log in in an hour."
    EXPIRED_TOKEN = "expired_token", "The token ran out a minute ago."
    MISSING_EXP = "missing_exp", "The token never runs out."
    TEXT_EXP = "text_exp", "The token's end is written as text."
    FUTURE_IAT = "future_iat", "The token will be made in an hour."
    OLD_IAT = "old_iat", "The token was made before this login began."
    MISSING_IAT = "missing_iat", "The token does not say when it was made."
    FUTURE_NBF = "future_nbf", "The token is valid in an hour at the earliest."

    # whose token it is
    WRONG_NONCE = "wrong_nonce", "The token answers another request."
    MISSING_NONCE = "missing_nonce", "The token answers no request in particular."
    WRONG_ISS = "wrong_iss", "The token names another issuer."
    WRONG_AUD = "wrong_aud", "The token is for another client."
    AUD_LIST_WITH_AZP = (
        "aud_list_with_azp",
        "The token is for two clients, and names us as the one it was given to.",
    )
    AUD_LIST_OF_ONE = "aud_list_of_one", "The token is for us alone, in a list."
    WRONG_AZP = "wrong_azp", "The token is for us and was given to another client."
    MISSING_SUB = "missing_sub", "The token is about nobody."

    # its signature
    ALG_NONE = "alg_none", "The token is not signed, and says so."
    ALG_HS256_WITH_PUBLIC_KEY = (
        "alg_hs256_with_public_key",
        "The token is signed with our public key as a password.",
    )
    UNKNOWN_KID = "unknown_kid", "The token names a key that is not published, another one each time."
    NO_KID = "no_kid", "The token does not name its key."
    BAD_SIGNATURE = "bad_signature", "The token is signed with somebody else's key under the provider's id."
    NO_SIGNATURE = "no_signature", "The signature is left out."
    KEY_IN_HEADER = "key_in_header", "The token brings along the key that it is signed with."
    KEY_ADDRESS_IN_HEADER = (
        "key_address_in_header",
        "The token says where to fetch the key that it is signed with.",
    )
    CRIT_HEADER = "crit_header", "The header has an extension that must be understood."
    ENCRYPTED_TOKEN = "encrypted_token", "The token is encrypted: five parts."
    DUPLICATE_KID = "duplicate_kid", "Two published keys have the same id."

    # how the person logged in
    WRONG_ACR = "wrong_acr", "The person logged in by an e-mail address."
    MISSING_ACR = "missing_acr", "The token does not say how the person logged in."
    LOW_ACR = "low_acr", "The person logged in at the low level."
    ACR_LIST = "acr_list", "The level is given as a list."

    # who it is
    MISSING_PID = "missing_pid", "There is no person number."
    PID_WITH_LETTERS = "pid_with_letters", "There are letters in the person number."
    PID_WITH_NEWLINE = "pid_with_newline", "A line break follows the person number."
    PID_AS_NUMBER = "pid_as_number", "The person number is a number, not text."
    PID_TOO_SHORT = "pid_too_short", "The person number has ten digits."
    PID_OF_OTHER_DIGITS = "pid_of_other_digits", "The person number is in Arabic-Indic digits."
    OTHER_PID = "other_pid", "Somebody else logged in."

    # the way back through the browser
    WRONG_STATE = "wrong_state", "The answer belongs to another request."
    MISSING_STATE = "missing_state", "The answer belongs to no request in particular."
    MISSING_CODE = "missing_code", "The answer has no code."
    CODE_TWICE = "code_twice", "The answer has two codes."
    REPLAY_CODE = "replay_code", "The answer has a code that was exchanged before."
    WRONG_ISS_PARAM = "wrong_iss_param", "The answer comes from another provider."
    NO_ISS_PARAM = "no_iss_param", "The answer does not say which provider it comes from."
    PROVIDER_ERROR = "provider_error", "The provider has an error of its own."

    # the token endpoint
    NO_ID_TOKEN = "no_id_token", "The token answer has no id_token."
    HTML_TOKEN_ANSWER = "html_token_answer", "The token answer is a page."
    LIST_TOKEN_ANSWER = "list_token_answer", "The token answer is a list."
    TOKEN_REDIRECT = "token_redirect", "The token endpoint sends us elsewhere."
    HUGE_TOKEN_ANSWER = "huge_token_answer", "The token answer has a megabyte."
    COMPRESSED_TOKEN_ANSWER = (
        "compressed_token_answer",
        "The token answer is compressed, though nobody asked for it.",
    )
    TOKEN_DOWN = "token_down", "The token endpoint is out of order."
    TOKEN_BUSY = "token_busy", "The token endpoint has had too many requests."
    SLOW = "slow", "The token endpoint takes too long."

    # what it publishes
    JWKS_DOWN = "jwks_down", "The keys cannot be had."
    JWKS_EMPTY = "jwks_empty", "There are no keys."
    METADATA_DOWN = "metadata_down", "The metadata cannot be had."
    METADATA_OTHER_ISSUER = "metadata_other_issuer", "The metadata is another issuer's."
    METADATA_REDIRECT = "metadata_redirect", "The metadata has moved elsewhere."
    METADATA_FOREIGN_ENDPOINT = "metadata_foreign_endpoint", "The token endpoint lies on a foreign host."
    METADATA_LISTS_NONE = (
        "metadata_lists_none",
        "The metadata lists tokens without a signature, and that's what we get.",
    )

    # pushed requests and userinfo
    PAR_DOWN = "par_down", "Requests cannot be pushed."
    PAR_WITHOUT_ADDRESS = "par_without_address", "A pushed request is taken and gets no address."
    USERINFO_DOWN = "userinfo_down", "The userinfo endpoint is out of order."
    USERINFO_OTHER_SUB = "userinfo_other_sub", "The userinfo is about somebody else."
    USERINFO_WITHOUT_SUB = "userinfo_without_sub", "The userinfo does not say whom it is about."

    # odd, and right all the same
    AMR_STRING = "amr_string", "The methods of the login are text, as they once were, and no list."
    X5C_HEADER = "x5c_header", "The header of the token holds a certificate."
    SKEW_3S = "skew_3s", "The provider's clock is three seconds ahead."
    ROTATED = "rotated", "The provider has a new key since the fault was switched on; the old one is gone."

    @property
    def harmless(self) -> bool:
        """Whether a login works all the same."""
        return self in _HARMLESS


_HARMLESS = frozenset({Fault.AMR_STRING, Fault.X5C_HEADER, Fault.SKEW_3S, Fault.ROTATED})
