"""The one assertion in which every threat test ends."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from tests.sweeping import holds
from tests.threats.people import WORLD
from tests.threats.rig import Answer, Rig

_LINK = re.compile(r"/case/(?:start|decide)/([\w-]{40,})")
_NOT_ME = re.compile(r"/not-me/([\w-]{40,})")
_CLAIM_PAGE = re.compile(r"/case/(?:agent|manager)/.+")
_COOKIE = re.compile(r"^__Host-[\w-]+=\"?([\w-]{20,})")
_ELEVEN = re.compile(r"(?<!\d)\d{11}(?!\d)")
_NUMBERS = frozenset(each.person_number for each in WORLD.residents if each.person_number)
_KEPT_OUTSIDE = frozenset({".pem", ".key", ".yaml"})
"""Ends of the files in the folder that are the operator's own: keys, certificates and settings."""


def assert_held(rig: Rig, *, passes: int = 0) -> None:
    """No create reached Graph but these, and what is secret is nowhere but where it belongs.

    A pass stands in the one answer to *Show*; a link in the private chat and on its own page; a claim code on the
    page of whoever reads it out; a cookie in its header. Person numbers, the codes and tokens of an eID, and the
    tokens and keys of the bot itself, stand nowhere.
    """
    created = rig.creates - rig.created_before
    assert created == passes, f"{created} creates reached Graph"
    known = _Canaries.of(rig)
    leaks = [
        *_in_slack(rig, known),
        *_in_teams(rig, known),
        *_on_the_web(rig, known),
        *_in_files(rig, known),
        *_at_graph(rig, known),
        *_by_post(rig, known),
    ]
    assert not leaks, leaks


@dataclass(frozen=True)
class _Canaries:
    passes: frozenset[str]
    given: frozenset[str]
    """Codes and tokens of a login by eID."""
    links: frozenset[str]
    claims: frozenset[str]
    cookies: frozenset[str]
    not_me: frozenset[str]
    """What the links in mails and text messages end in."""
    keys: frozenset[str]
    """What the bot proves itself with, and what Teams did so with lately."""

    @classmethod
    def of(cls, rig: Rig) -> "_Canaries":
        """Everything secret that there was so far."""
        told = [value for answer in rig.answers for name, value in answer.headers if name == "set-cookie"]
        return cls(
            passes=frozenset(made.code for made in rig.playing.entra.passes_created),
            given=frozenset(one for provider in rig.providers for one in provider.journal.given),
            links=frozenset(one for told in _told_in_chat(rig) for one in _LINK.findall(told)),
            claims=frozenset(form for code in rig.claims for form in (code, code.replace("-", ""))),
            not_me=frozenset(one for told in _posted(rig) for one in _NOT_ME.findall(told)),
            cookies=frozenset(found[1] for one in told if (found := _COOKIE.match(one))),
            keys=frozenset({*rig.secrets, *_bearers(rig)}),
        )

    @property
    def every(self) -> frozenset[str]:
        """All of them."""
        return self.passes | self.given | self.links | self.claims | self.cookies | self.keys


def _told_in_chat(rig: Rig) -> Iterator[str]:
    """Everything that was sent to Slack and Teams, and what they were answered."""
    teams = rig.playing.teams
    yield from (call.raw for call in rig.playing.slack.calls)
    yield from (call.raw for call in teams.calls)
    yield from (str(each.answer) for each in teams.deliveries if each.answer)


def _bearers(rig: Rig) -> Iterator[str]:
    """The tokens of what Teams has handed over since the last look."""
    for each in rig.playing.teams.deliveries[rig.looked.activities :]:
        if each.request is not None:
            yield each.request.headers.get("Authorization", "").removeprefix("Bearer ") or _NONE


def _found(text: str, wanted: Iterable[str]) -> Iterator[str]:
    """Which of these stand in a text, and which person numbers do."""
    yield from (one for one in wanted if holds(text, [one]))
    yield from _NUMBERS.intersection(_ELEVEN.findall(text))


_NONE = "no bearer at all"
_TO_TEAMS = "/teams/messages"
"""What a press is answered with there is seen by one person alone: a dialog, in which a link may stand."""


_TO_ONE = ("chat.postEphemeral", "views.open", "views.update")
"""What one person alone sees: a whisper, and a form that they opened."""


def _in_slack(rig: Rig, known: _Canaries) -> list[str]:
    """Only what was sent since the last look: no canary is older than what holds it."""
    slack, leaks = rig.playing.slack, list[str]()
    never = known.passes | known.given | known.cookies | known.claims | known.not_me | known.keys
    for call in slack.calls[rig.looked.calls :]:
        private = str(call.args.get("channel", "")).startswith("D") or call.method in _TO_ONE
        wanted = never if private else never | known.links
        told = unescape(f"{call.raw}\n{call.args}")
        leaks += [f"{call.method} was sent {one}" for one in _found(told, wanted)]
    for delivery in slack.deliveries[rig.looked.deliveries :]:
        leaks += [f"Slack was answered {one}" for one in _found(str(delivery.answer), known.every)]
    rig.looked.calls, rig.looked.deliveries = len(slack.calls), len(slack.deliveries)
    return leaks


def _in_teams(rig: Rig, known: _Canaries) -> list[str]:
    """What one person alone sees there: their chat with the bot, and what their press is answered with."""
    teams, leaks = rig.playing.teams, list[str]()
    never = known.passes | known.given | known.cookies | known.claims | known.not_me | known.keys
    for call in teams.calls[rig.looked.sends :]:
        told = unescape(f"{unquote(call.raw)}\n{call.body}")
        private = "/conversations/a:" in told.partition("\n")[0]
        wanted = never if private else never | known.links
        leaks += [f"Teams was sent {one}" for one in _found(told, wanted)]
    for delivery in teams.deliveries[rig.looked.activities :]:
        leaks += [f"Teams was answered {one}" for one in _found(unescape(str(delivery.answer)), never)]
    rig.looked.sends, rig.looked.activities = len(teams.calls), len(teams.deliveries)
    return leaks


def _on_the_web(rig: Rig, known: _Canaries) -> list[str]:
    """A pass may stand in as many answers as it was shown in: one."""
    leaks = list[str]()
    for answer in rig.answers[rig.looked.answers :]:
        headers = "\n".join(value for name, value in answer.headers if name != "set-cookie")
        told = f"{headers}\n{unescape(answer.body)}"
        leaks += [
            f"{answer.path} held {one}" for one in _found(told, known.given | known.cookies | known.keys)
        ]
        if answer.path != _TO_TEAMS:
            leaks += [
                f"{answer.path} held a link" for one in known.links if one in told and one not in answer.path
            ]
        if not _CLAIM_PAGE.fullmatch(answer.path):
            leaks += [f"{answer.path} held a claim code" for one in known.claims if one in told]
        for code in known.passes:
            if code in told:
                if not _is_show(answer) or code in rig.looked.shown:
                    leaks.append(f"{answer.path} held a pass")
                rig.looked.shown.add(code)
    rig.looked.answers = len(rig.answers)
    return leaks


def _is_show(answer: Answer) -> bool:
    return (answer.method, answer.path, answer.status) == ("POST", "/case/show", 200)


def _in_files(rig: Rig, known: _Canaries) -> list[str]:
    leaks = []
    for file in rig.playing.folder.rglob("*"):
        if not file.is_file() or file.suffix in _KEPT_OUTSIDE or file.name == "clock":
            continue
        with file.open("rb") as opened:
            if file == rig.playing.log:
                opened.seek(rig.looked.log)
            text = opened.read().decode("latin-1")
            if file == rig.playing.log:
                rig.looked.log = opened.tell()
        leaks += [f"{file.name} holds {one}" for one in _found(text, known.every | known.not_me)]
    return leaks


def _at_graph(rig: Rig, known: _Canaries) -> list[str]:
    requests = rig.playing.entra.requests
    told = "\n".join(
        f"{each.path} {each.query} {each.client} {each.body}" for each in requests[rig.looked.requests :]
    )
    rig.looked.requests = len(requests)
    return [f"Graph was sent {one}" for one in _found(told, known.every)]


def _by_post(rig: Rig, known: _Canaries) -> list[str]:
    """Mails and text messages."""
    told = "\n".join(_posted(rig))
    return [f"A mail or text message held {one}" for one in _found(unescape(told), known.every)]


def _posted(rig: Rig) -> list[str]:
    """Every mail, text message and alarm."""
    playing = rig.playing
    mails = [f"{mail.to} {mail.subject} {mail.text}" for mail in playing.entra.post.sent]
    texts = [f"{sent.to} {sent.text}" for sent in playing.gateway.texts]
    return [*mails, *texts, *(str(alarm) for alarm in playing.gateway.alarms)]
