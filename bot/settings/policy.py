"""The rules of the policy engine, as the settings describe them."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

from bot.settings.verification import Policy, RouteEntry, Verification
from handlers.messages.agents import CHECKS
from handlers.messages.vouching import HOWS
from handlers.verification import policy
from handlers.verification.policy import Bar, Route, RouteKind, Rules

_DEFAULTS = {route.name: route for route in policy.DEFAULT_ROUTES}
_EID = _DEFAULTS["eid"]


def rules_of(verification: Verification, daily_cap: int) -> Rules:
    """The rules. What would open a hole was refused when the settings were read."""
    told = verification.policy
    wait = timedelta(minutes=told.strict_delay_minutes)
    strict = told.strict_approvals
    return Rules(
        routes=routes_of(verification.routes),
        strong=Bar(told.strong_approvals),
        weak=Bar(told.weak_approvals, timedelta(minutes=told.weak_delay_minutes), staffed=True),
        strict=Bar(strict),
        strict_eid=Bar(strict, wait),
        strictest=Bar(strict, wait),
        evidence_age=timedelta(minutes=told.evidence_minutes),
        changed_days=told.changed_days,
        link_days=told.link_days,
        contact_days=told.contact_days,
        often_cases=told.often_cases,
        cases_per_target=told.cases_per_target,
        cool_down=timedelta(hours=told.cool_down_hours),
        approvals_per_hour=told.approvals_per_hour,
        daily_cap=daily_cap,
    )


def routes_of(entries: tuple[RouteEntry, ...]) -> tuple[Route, ...]:
    """The routes, that of the eID among them: its providers are settings of their own."""
    return (_EID, *map(_route, entries)) if entries else policy.DEFAULT_ROUTES


def holes(verification: Verification) -> Iterator[tuple[tuple[str, ...], str]]:
    """What the bot does not start with: the key, and the rest of the sentence."""
    told = verification.policy
    if told.strict_approvals < told.strong_approvals:
        key = ("verification", "policy", "strict_approvals")
        yield key, "must not be less than verification.policy.strong_approvals"
    if told.weak_approvals < told.strong_approvals:
        key = ("verification", "policy", "weak_approvals")
        yield key, "must not be less than verification.policy.strong_approvals"
    if both := set(verification.class_b_groups) & set(verification.class_c_groups):
        yield ("verification", "class_b_groups"), f"must not name {min(both)}, which class_c_groups names"
    yield from _route_holes(verification.routes)


def _route_holes(entries: tuple[RouteEntry, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    key, seen = ("verification", "routes"), {_EID.name}
    for entry in entries:
        what = f"entry {entry.name}"
        if entry.name == _EID.name:
            yield key, f"{what}: this route is set by eid.providers"
        elif entry.name in seen:
            yield key, f"has two entries with the name {entry.name}"
        elif entry.kind is None and entry.name not in _DEFAULTS:
            yield key, f"{what}: kind is missing: seen or code"
        else:
            yield from ((key, f"{what}: {wrong}") for wrong in _wrong(_route(entry)))
        seen.add(entry.name)


def _wrong(route: Route) -> Iterator[str]:
    if route.level > route.most:
        why = "only an agent who checks photo-id and face in person counts as 3" if route.most == 1 else ""
        yield f"level must be at most {route.most}{f': {why}' if why else ''}"
    if route.kind is RouteKind.SEEN and not route.checks:
        yield "checks is missing: what whoever saw the person has checked"
    known = HOWS if route.attester == "manager" else CHECKS
    if unknown := sorted(set(route.checks) - set(known)):
        yield f"checks must not hold {unknown[0]}: there are {', '.join(known)}"
    if route.kind is RouteKind.CODE and not route.address:
        yield "address is missing: phone, mail or saved"


def weakened(verification: Verification, daily_cap: int) -> Iterator[str]:
    """The keys whose values ask for less than the policy was written for. Allowed, and announced at the start."""
    told, standard = verification.policy, Policy()
    less = {name: getattr(told, name) < getattr(standard, name) for name in _MORE_IS_STRICTER}
    more = {name: getattr(told, name) > getattr(standard, name) for name in _LESS_IS_STRICTER}
    yield from (f"verification.policy.{name}" for name, weaker in chain(less.items(), more.items()) if weaker)
    if daily_cap > policy.DEFAULT_RULES.daily_cap:
        yield "passes.daily_cap"
    for route in routes_of(verification.routes):
        as_written = _DEFAULTS.get(route.name) or _FRESH[route.kind]
        if route.address in ("phone", "mail") and route.unchanged_days < as_written.unchanged_days:
            yield f"verification.routes.unchanged_days ({route.name})"
        weak = route.kind is RouteKind.SEEN and route.most == 1
        if weak and not route.staffed_hours:
            yield f"verification.routes.staffed_hours ({route.name})"
        if missing := sorted(set(as_written.checks) - set(route.checks)):
            yield f"verification.routes.checks ({route.name}: without {', '.join(missing)})"


_MORE_IS_STRICTER = (
    "strong_approvals",
    "weak_approvals",
    "weak_delay_minutes",
    "strict_approvals",
    "strict_delay_minutes",
    "changed_days",
    "link_days",
    "contact_days",
    "cool_down_hours",
)
_LESS_IS_STRICTER = ("evidence_minutes", "often_cases", "cases_per_target", "approvals_per_hour")
_FRESH = {kind: Route("", kind, 1) for kind in RouteKind}


def _route(entry: RouteEntry) -> Route:
    """What the entry leaves out is as in the default route of its name, or as mild as its kind can be."""
    kind = RouteKind(entry.kind) if entry.kind else None
    base = _DEFAULTS.get(entry.name)
    if base is None or (kind is not None and kind is not base.kind):
        base = _FRESH[kind or RouteKind.CODE]
    return Route(
        name=entry.name,
        kind=base.kind,
        level=base.level if entry.level is None else entry.level,
        checks=base.checks if entry.checks is None else entry.checks,
        attester=entry.attester or base.attester,
        address=entry.address or base.address,
        unchanged_days=base.unchanged_days if entry.unchanged_days is None else entry.unchanged_days,
        staffed_hours=base.staffed_hours if entry.staffed_hours is None else entry.staffed_hours,
    )
