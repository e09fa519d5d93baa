"""What the client does with the bot's answer to an invoke.

https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards
and https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
"""

from typing import Final

from bot.sandbox.teams.cards import CONTENT_TYPE, check_card
from bot.sandbox.teams.records import Delivery, Dialog, Json, Message
from bot.sandbox.teams.tenant import Tenant

_MESSAGE: Final = "application/vnd.microsoft.activity.message"
_ERROR: Final = "application/vnd.microsoft.error"
_SIZES: Final = ("small", "medium", "large")


class Malformed(AssertionError):
    """The bot answered an invoke with something that no Teams client understands."""


class Answers:
    """Acts on the answers, and is loud about those it cannot act on: they are recorded and raised."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self.malformed: list[str] = []
        """Every answer that no client understands, and why."""

    def to_action(self, user_id: str, message: Message, delivery: Delivery) -> None:
        """The answer to ``adaptiveCard/action``: a card for this client only, a toast, or an error."""
        if not self._came(delivery):
            return
        answer = delivery.answer
        if not isinstance(answer, dict) or not {"statusCode", "type", "value"} <= answer.keys():
            raise self._malformed(delivery, "neither statusCode, type and value")
        status, kind, value = answer["statusCode"], answer["type"], answer["value"]
        if status == 200 and kind == CONTENT_TYPE:
            if problems := check_card(value):
                raise self._malformed(delivery, "; ".join(problems))
            self._tenant.show_only(user_id, message, value)
        elif status == 200 and kind == _MESSAGE and isinstance(value, str) and value:
            self._tenant.tell(user_id, value)
        elif status in (400, 500) and kind == _ERROR:
            if (
                not isinstance(value, dict)
                or not isinstance(value.get("message"), str)
                or "code" not in value
            ):
                raise self._malformed(delivery, "an error without code and message")
            self._tenant.tell(user_id, value["message"])
        else:
            raise self._malformed(delivery, f"statusCode {status!r} with type {kind!r}")

    def to_fetch(self, user_id: str, conversation: str, message: str, delivery: Delivery) -> None:
        """The answer to ``task/fetch``: the dialog, or words in its place."""
        if not self._came(delivery):
            return
        if not isinstance(delivery.answer, dict) or "task" not in delivery.answer:
            raise self._malformed(delivery, "no task")
        self._task(user_id, conversation, message, delivery)

    def to_submit(self, user_id: str, dialog: Dialog, delivery: Delivery) -> None:
        """The answer to ``task/submit``: nothing closes the dialog, words replace it, another card continues it."""
        if not self._came(delivery):
            return
        if delivery.answer in (None, {}):
            self.close(user_id)
            return
        if not isinstance(delivery.answer, dict) or "task" not in delivery.answer:
            raise self._malformed(delivery, "neither empty nor a task")
        self._task(user_id, dialog.conversation, dialog.message, delivery)

    def to_message(self, delivery: Delivery) -> None:
        """A message or event wants no answer, only to be taken."""
        if not delivery.acknowledged:
            self._tenant.complain(f"{delivery.type}: {delivery.failure} {delivery.status or ''}".strip())

    def close(self, user_id: str) -> None:
        """Take a person's dialog away."""
        self._tenant.dialogs.pop(user_id, None)
        self._tenant.changes.happened()

    def _came(self, delivery: Delivery) -> bool:
        if delivery.acknowledged:
            return True
        self._tenant.complain(f"Unable to reach app ({delivery.failure} {delivery.status or ''})")
        return False

    def _task(self, user_id: str, conversation: str, message: str, delivery: Delivery) -> None:
        task = delivery.answer["task"] if isinstance(delivery.answer, dict) else None
        kind = task.get("type") if isinstance(task, dict) else None
        value = task.get("value") if isinstance(task, dict) else None
        if kind == "message" and isinstance(value, str) and value:
            self.close(user_id)
            self._tenant.tell(user_id, value)
        elif kind == "continue" and isinstance(value, dict):
            card = self._dialog_card(value, delivery)
            self._tenant.dialogs[user_id] = Dialog(str(value["title"]), card, conversation, message)
            self._tenant.changes.happened()
        else:
            raise self._malformed(delivery, f"a task of type {kind!r}")

    def _dialog_card(self, value: Json, delivery: Delivery) -> Json:
        if not isinstance(value.get("title"), str) or not value["title"]:
            raise self._malformed(delivery, "a dialog without title")
        for side in ("height", "width"):
            size = value.get(side, "small")
            if size not in _SIZES and not isinstance(size, int):
                raise self._malformed(delivery, f"{side} {size!r}")
        attachment = value.get("card")
        if not isinstance(attachment, dict) or attachment.get("contentType") != CONTENT_TYPE:
            raise self._malformed(delivery, "a dialog without card attachment")
        card = attachment.get("content")
        if problems := check_card(card, in_dialog=True):
            raise self._malformed(delivery, "; ".join(problems))
        return dict(card) if isinstance(card, dict) else {}

    def _malformed(self, delivery: Delivery, why: str) -> Malformed:
        told = f"{delivery.type}: {why}: {str(delivery.answer)[:500]}"
        self.malformed.append(told)
        self._tenant.complain("Something went wrong. Please try again.")
        return Malformed(told)
