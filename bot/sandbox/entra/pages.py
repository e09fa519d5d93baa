"""Collections as Graph serves them: filtered, reduced to what was selected, cut into pages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bot.sandbox.entra.filters import Rules, parse
from bot.sandbox.entra.refusals import Refusal, unsupported_query
from bot.sandbox.entra.requests import Answer, Incoming

Fields = Mapping[str, object]

_OPTIONS = frozenset({"$select", "$filter", "$top", "$count", "$orderby", "$skiptoken", "$expand"})


@dataclass
class Paging:
    """How pages are cut. Tests make them small, begin with an empty one, or send the reader astray."""

    size: int | None = None
    """The largest page, whatever ``$top`` asks for."""
    empty_first: bool = False
    astray: str | None = None
    """A link that stands in place of every next one."""


def select(fields: Fields, chosen: str | None, default: Sequence[str]) -> dict[str, object]:
    """What of an object is sent: the chosen fields, else the default ones; its type always."""
    wanted = [name.strip() for name in chosen.split(",")] if chosen else default
    kept = {name: fields[name] for name in wanted if name in fields}
    if "@odata.type" in fields:
        kept = {"@odata.type": fields["@odata.type"], **kept}
    return kept


def collection(
    incoming: Incoming,
    rows: Iterable[Fields],
    paging: Paging,
    *,
    rules: Rules,
    default: Sequence[str] | None,
    cast: bool = False,
    usual: int = 100,
) -> Answer:
    """One page of a collection. ``cast`` says that the path narrows it to one type, an advanced query."""
    query = incoming.query
    unknown = set(query) - _OPTIONS
    if unknown:
        raise Refusal(400, "BadRequest", f"Unrecognized query parameter '{min(unknown)}'.")
    if cast and not incoming.advanced:
        raise unsupported_query("The specified cast requires ConsistencyLevel: eventual and $count=true.")
    found = _filtered(incoming, rows, rules)
    start, size = _window(query, paging, usual)
    page = found[start : start + size]
    body: dict[str, object] = {"@odata.context": f"{incoming.root}/$metadata#{incoming.path.strip('/')}"}
    if query.get("$count") == "true" and incoming.advanced and "$skiptoken" not in query:
        body["@odata.count"] = len(found)
    if start + size < len(found):
        body["@odata.nextLink"] = paging.astray or _link(incoming, start + size)
    body["value"] = [
        dict(row)
        if default is None and "$select" not in query
        else select(row, query.get("$select"), default or ())
        for row in page
    ]
    return Answer(200, body)


def _filtered(incoming: Incoming, rows: Iterable[Fields], rules: Rules) -> list[Fields]:
    text = incoming.query.get("$filter")
    if text is None:
        return list(rows)
    condition = parse(text, rules)
    if (condition.advanced or "$orderby" in incoming.query) and not incoming.advanced:
        raise unsupported_query("The query needs ConsistencyLevel: eventual and $count=true.")
    return [row for row in rows if condition.test(row)]


def _window(query: Mapping[str, str], paging: Paging, usual: int) -> tuple[int, int]:
    asked = query.get("$top", str(usual))
    if not asked.isdecimal() or int(asked) == 0:
        raise Refusal(400, "BadRequest", "Invalid value for $top.")
    size = min(int(asked), 999, paging.size or 999)
    token = query.get("$skiptoken")
    if token is None:
        return (0, 0) if paging.empty_first else (0, size)
    try:
        return int(urlsafe_b64decode(token.encode())), size
    except ValueError:
        raise Refusal(400, "BadRequest", "Invalid skip token.") from None


def _link(incoming: Incoming, start: int) -> str:
    token = urlsafe_b64encode(f"{start:09}".encode()).decode()
    query = {**incoming.query, "$skiptoken": token}
    told = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return f"{incoming.root}{incoming.path}?{told}"
