"""Signed tokens: theirs, checked; and ours, made. The one place that knows PyJWT."""

from bot.jose.assertions import SigningKey, UnusableKey
from bot.jose.certificates import CertifiedKey
from bot.jose.keysets import KeySet
from bot.jose.tokens import Claims, TokenRefused, signed_claims

__all__ = ["CertifiedKey", "Claims", "KeySet", "SigningKey", "TokenRefused", "UnusableKey", "signed_claims"]
