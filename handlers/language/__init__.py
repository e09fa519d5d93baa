"""Which language somebody is written to in: their choice, else their profile, else what they write."""

from handlers.language.choice import choose, form
from handlers.language.locales import of_accepted, of_locale
from handlers.language.texts import Reading, of_text, read
from handlers.language.wishes import Wish, wished

__all__ = ["Reading", "Wish", "choose", "form", "of_accepted", "of_locale", "of_text", "read", "wished"]
