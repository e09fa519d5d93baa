"""What goes out beside chat: security is woken."""

from handlers.notices.sending import Sending

__all__ = ["Sending"]
