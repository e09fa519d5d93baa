"""Mail out of a mailbox of the organisation."""

from graph.client import GraphClient
from graph.paths import path
from graph.secret import Secret

SEND = "Mail.Send"


class Mails:
    """Sends mail. Neither the addressee nor the text reaches a log or an error."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def send(self, sender: str, to: Secret, subject: str, text: str) -> None:
        """One mail of plain text, from the mailbox of ``sender`` (UPN or object id), which keeps no copy.

        Sent once: ``OutcomeUnknown`` when nobody knows whether it went out.
        https://learn.microsoft.com/graph/api/user-sendmail
        """
        message = {
            "subject": subject,
            "body": {"contentType": "Text", "content": text},
            "toRecipients": [{"emailAddress": {"address": to.reveal()}}],
        }
        where = path("/users/{user}/sendMail", user=sender)
        await self._client.create(where, {"message": message, "saveToSentItems": False}, permission=SEND)
