"""One request as the emulator's rules see it, and the answer they give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.sandbox.entra.refusals import Refusal, Style

Json = Mapping[str, object]


@dataclass(frozen=True)
class Incoming:
    """A request, read."""

    path: str
    """Below the version root, as it was sent."""
    values: Mapping[str, str]
    """What stood in the placeholders of the route."""
    query: Mapping[str, str]
    advanced: bool
    """Whether ``ConsistencyLevel: eventual`` and ``$count=true`` are both there."""
    body: object
    root: str
    """The Graph root that links are made with."""
    roles: frozenset[str] = frozenset()
    """What the caller may, for the few properties that take more than their object does."""

    def form(self, allowed: Mapping[str, type]) -> Json:
        """The body as an object that has only these fields, of these types."""
        if not isinstance(self.body, dict):
            raise Refusal(400, "badRequest", "The request body is not an object.")
        for name, value in self.body.items():
            wanted = allowed.get(name)
            right = wanted is not None and isinstance(value, wanted)
            if not right or (wanted is int and isinstance(value, bool)):
                raise Refusal(400, "badRequest", f"The property '{name}' is not valid.")
        return self.body

    def no_options(self) -> None:
        """Refuse query options where Graph takes none."""
        if self.query:
            raise Refusal(400, "badRequest", "Query options are not supported for this request.")


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int = 200
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    picture: bytes | None = None
    """A PNG, in place of a body of JSON."""


Rule = Callable[[Incoming], Answer]


@dataclass(frozen=True)
class Route:
    """A path that Graph has. Of each set of permissions the caller needs one."""

    method: str
    template: str
    permissions: tuple[frozenset[str], ...]
    rule: Rule
    style: Style = Style.DIRECTORY
    limited: bool = False
    """Whether the limit of the reports applies."""

    def match(self, method: str, segments: list[str]) -> dict[str, str] | None:
        """The values of the placeholders, if this is the route."""
        wanted = self.template.strip("/").split("/")
        if method != self.method or len(wanted) != len(segments):
            return None
        values = {}
        for want, have in zip(wanted, segments, strict=True):
            if want.startswith("{"):
                values[want[1:-1]] = have
            elif want.lower() != have.lower():
                return None
        return values


def one_of(*permissions: str) -> frozenset[str]:
    """Alternatives, of which one is enough."""
    return frozenset(permissions)
