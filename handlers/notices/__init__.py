"""What goes out beside chat: the owner of an account is told, security is woken; and "it wasn't me"."""

from handlers.notices.alarming import Alarming
from handlers.notices.disowning import Disowning
from handlers.notices.posting import Posting
from handlers.notices.sending import Sending
from handlers.notices.telling import Telling
from handlers.notices.undoing import Undoing

__all__ = ["Alarming", "Disowning", "Posting", "Sending", "Telling", "Undoing"]
