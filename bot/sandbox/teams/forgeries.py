"""What somebody who is not the Bot service might send: for the tests of threats."""

from dataclasses import dataclass
from typing import Final

from bot.sandbox.eid.keys import lasting
from bot.sandbox.teams.activities import Activities
from bot.sandbox.teams.deliveries import Deliveries
from bot.sandbox.teams.records import Delivery, Json, Message, Signed
from bot.sandbox.teams.signing import Published
from bot.sandbox.teams.tenant import Tenant

_LATE: Final = 7200


@dataclass
class Forgeries:
    """Puts activities and tokens together that are wrong in one way, and sends them."""

    _tenant: Tenant
    _published: Published
    _deliveries: Deliveries
    _activities: Activities

    def message(self, user_id: str, text: str = "hello") -> Json:
        """A message of this person in their own conversation, right in every way, which they never wrote."""
        user = self._tenant.users[user_id]
        chat = self._tenant.open_chat(user_id)
        said = Message(self._tenant.new_id(), chat.id, user_id, text, self._tenant.clock.now(), by_bot=False)
        return self._activities.message(user, said, mentions=False)

    def invoke(
        self,
        user_id: str,
        message: Message,
        name: str,
        data: Json,
        *,
        verb: str = "",
        trigger: str = "manual",
    ) -> Json:
        """An invoke about any message, whatever its card offers: ``trigger`` may be ``automatic``."""
        value: Json = {"data": data, "context": {"theme": "default"}}
        if name == "adaptiveCard/action":
            action = {"type": "Action.Execute", "title": "", "verb": verb, "data": data}
            value = {"action": action, "trigger": trigger}
        return self._activities.invoke(self._tenant.users[user_id], name, value, message)

    async def send(self, activity: Json, token: str | None = None) -> Delivery:
        """Hand it over once, with the token that the service would send, with another, or (empty) without."""
        return await self._deliveries.attempt(activity, token)

    async def send_raw(self, body: bytes, activity: Json | None = None) -> Delivery:
        """Hand over any bytes, with a token for this activity."""
        told = activity or {"serviceUrl": self._activities.service_url}
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._deliveries.token(told)}",
        }
        return await self._deliveries.send(told, Signed(body, headers))

    def claims(self, activity: Json, **other: object) -> Json:
        """The claims the service would make, with some in place of its own; ``None`` leaves one out."""
        claims = self._deliveries.claims(activity) | other
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, activity: Json, **other: object) -> str:
        """A token of the service's own key with such claims."""
        return self._published.current.signed(self.claims(activity, **other))

    def by_stranger(self, activity: Json, *, same_kid: bool = True) -> str:
        """A token signed with a key of somebody else, under the service's key id or one of their own."""
        stranger = lasting("stranger")
        kid = self._published.current.kid if same_kid else stranger.kid
        return stranger.signed(self._deliveries.claims(activity), kid=kid)

    def unsigned(self, activity: Json) -> str:
        """A token that says that it needs no signature."""
        return f"{self._published.current.unsigned(self._deliveries.claims(activity), alg='none')}."

    def with_public_key_as_password(self, activity: Json) -> str:
        """A token signed with HS256, with the published key for a password."""
        return self._published.current.signed_as_password(self._deliveries.claims(activity))

    def expired(self, activity: Json) -> str:
        """A token of two hours ago."""
        now = int(self._tenant.clock.now().timestamp())
        return self.token(activity, iat=now - _LATE, nbf=now - _LATE, exp=now - _LATE // 2)
