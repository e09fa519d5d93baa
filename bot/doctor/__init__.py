"""The doctor: asks every party that the bot depends on, and says what is found and what helps."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain

from bot.app.weakening import unwoken, weaker
from bot.doctor import database, gateways, groups, permissions, policy, providers, report, skew, slack, teams
from bot.doctor.asking import LIMITS, Check
from bot.doctor.finding import Finding, State, doubtful, fine
from bot.guide import TEMPLATES
from bot.microsoft import directory_on, graph_of, tokens_of
from bot.render.ageing import ageing, written
from bot.settings import Settings, SlackMode
from bot.settings.sections import Support
from bot.settings.security import Security
from graph.groups import Groups
from graph.passes import Passes
from handlers.ports import Clock

__all__ = ["Finding", "State", "examine"]

_ENTRA = "compare entra.* of the settings with the app registration, and reach entra.authority_url from here"
_GRAPH = "see what is said of the Entra token and the Graph permissions, and reach entra.graph_url from here"
_STORE = "see that storage.url names the database and that it can be reached; then run `tofaktor db upgrade`"
_TEAMS = "compare teams.* of the settings with the bot's registration, and reach teams.login_url and teams.service_urls"
_SLACK = "compare the token in the settings with the Slack app, and reach slack.api_url from here"

_ELSEWHERE = "not set: support works on the other platform"


async def examine(settings: Settings, clock: Clock, *, send_test: bool = False) -> Sequence[Finding]:
    """Everything that was found, always in the same order. One party's failure hides nothing of the others."""
    checks = [
        *_own(settings, clock),
        *_microsoft(settings, clock),
        *_slack(settings),
        *_teams(settings),
        *_further(settings, send_test=send_test),
    ]
    return list(chain.from_iterable(await asyncio.gather(*(check.findings() for check in checks))))


def _own(settings: Settings, clock: Clock) -> Iterator[Check]:
    yield Check("Rules", "see the settings", partial(_rules, settings))
    yield Check("Dated facts", "see the folder templates", partial(_facts, clock))
    yield Check("Database", _STORE, partial(database.tables, settings))
    yield Check("Audit chain", _STORE, partial(database.chain, settings))
    yield Check("Clock", "reach entra.graph_url from here", partial(skew.look, settings, clock))


async def _rules(settings: Settings) -> Sequence[Finding]:
    if keys := [*weaker(settings), *unwoken(settings)]:
        remedy = "set them as advised, or write down why not: docs/settings.md"
        return [doubtful("Rules", f"weaker than advised: {', '.join(keys)}", remedy)]
    return [fine("Rules", "none is weaker than advised")]


async def _facts(clock: Clock) -> Sequence[Finding]:
    # In a thread, and without compiling the templates: the other parties wait for nobody.
    dated = await asyncio.to_thread(lambda: list(written(TEMPLATES)))
    notices = list(ageing(dated, clock.now().date()))
    remedy = "look the fact up, and change the templates"
    return [doubtful("Dated facts", notice.rstrip("."), remedy) for notice in notices] or [
        fine("Dated facts", "none stops being true within 60 days")
    ]


def _microsoft(settings: Settings, clock: Clock) -> Iterator[Check]:
    yield Check("Entra token", _ENTRA, partial(_token, settings))
    yield Check("Pass policy", _GRAPH, partial(_policy, settings))
    yield Check("Pass scope", _GRAPH, partial(_scope, settings))
    yield Check("Registration report", _GRAPH, partial(report.look, settings, clock))
    for group in groups.named(settings):
        yield Check(f"Group {group.key}", _GRAPH, partial(_group, settings, group))


async def _token(settings: Settings) -> Sequence[Finding]:
    async with tokens_of(settings) as tokens:
        granted = permissions.roles_in(await tokens.get())
    found = permissions.judge(permissions.needs_of(settings), granted)
    return [fine("Entra token", "Entra gives the bot one"), *found]


async def _policy(settings: Settings) -> Sequence[Finding]:
    async with graph_of(settings, LIMITS) as graph:
        told = await Passes(graph).policy()
    return list(policy.judge(told, timedelta(minutes=settings.passes.lifetime_minutes)))


async def _scope(settings: Settings) -> Sequence[Finding]:
    async with graph_of(settings, LIMITS) as graph:
        directory = directory_on(graph)
        told = await directory.passes.policy()
        if not told.enabled:
            return []
        found = await policy.administrators(directory)
        return [policy.judge_scope(await policy.covered(directory, told, found), found)]


async def _group(settings: Settings, group: groups.Named) -> Sequence[Finding]:
    async with graph_of(settings, LIMITS) as graph:
        return [groups.judge(group, await groups.count(Groups(graph), group))]


def _slack(settings: Settings) -> Iterator[Check]:
    if not settings.slack.on:
        yield Check("Slack app", "", partial(_off, "Slack app", "slack.mode is off"))
        return
    yield Check("Slack app", _SLACK, partial(slack.app, settings))
    if settings.slack.mode is SlackMode.SOCKET:
        yield Check("Slack app token", _SLACK, partial(slack.app_token, settings))
    key = "slack.support_channel"
    if place := settings.slack.support_channel:
        yield Check(f"Slack channel {key}", _SLACK, partial(slack.channel, settings, key, place))
    else:
        yield Check(f"Slack channel {key}", "", partial(_off, f"Slack channel {key}", _ELSEWHERE))
    for place in settings.slack.help_channels:
        key = "slack.help_channels"
        yield Check(f"Slack channel {key}", _SLACK, partial(slack.channel, settings, key, place))


def _teams(settings: Settings) -> Iterator[Check]:
    if not settings.teams.on:
        yield Check("Teams app", "", partial(_off, "Teams app", "teams.mode is off"))
        return
    yield Check("Teams token", _TEAMS, partial(teams.token, settings))
    yield Check("Teams keys", _TEAMS, partial(teams.keys, settings))
    yield Check("Teams tenants", _TEAMS, partial(teams.tenants, settings))
    yield Check("Teams app", _GRAPH, partial(teams.app, settings))
    if settings.teams.support_channel:
        yield Check(teams.CHANNEL, _TEAMS, partial(teams.channel, settings))
    else:
        yield Check(teams.CHANNEL, "", partial(_off, teams.CHANNEL, _ELSEWHERE))


def _further(settings: Settings, *, send_test: bool) -> Iterator[Check]:
    for entry in settings.eid.providers:
        remedy = f"see the entry {entry.name} of eid.providers"
        yield Check(f"eID {entry.name}", remedy, partial(providers.eid, settings, entry))
    if not settings.eid.providers:
        yield Check("eID", "", partial(_off, "eID", "not used: eid.providers is empty"))
    if settings.signin.on:
        yield Check("Sign-in", "see signin.* of the settings", partial(providers.entra, settings))
        yield Check("Latest sign-in", _STORE, partial(database.latest_sign_in, settings))
    else:
        yield Check("Sign-in", "", _no_sign_in)
    if settings.sms.url:
        yield Check("Text messages", "reach sms.url from here", partial(gateways.sms, settings))
    hooks: Mapping[str, Security | Support] = {"security": settings.security, "support": settings.support}
    for key, section in hooks.items():
        if section.webhook:
            name = f"{key.capitalize()} webhook"
            look = partial(gateways.webhook, settings, name, section, key)
            yield Check(name, f"reach {key}.webhook from here", look)
    if settings.mail.sender:
        yield Check("Mail", _GRAPH, partial(gateways.mail, settings, send_test=send_test))
    elif send_test:
        yield Check("Mail", "", _no_mail)


async def _off(name: str, found: str) -> Sequence[Finding]:
    return [fine(name, found)]


async def _no_sign_in() -> Sequence[Finding]:
    found = "not set: agents and approvers cannot prove who they are, and no pass is issued"
    return [doubtful("Sign-in", found, "register an app for sign-in, and set signin.client_id: see README")]


async def _no_mail() -> Sequence[Finding]:
    return [doubtful("Mail", "no test mail was sent", "set mail.sender")]
