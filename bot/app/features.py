"""Every feature, put together: the one place where clients meet rules."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretBytes
from starlette.routing import Route

from bot.app.braking import Braking
from bot.app.seen import Seen
from bot.app.signing import SigningIn
from bot.eid.service import Eids
from bot.guide import TEMPLATES, matcher_of
from bot.plan import calendar_of, support_calendar_of
from bot.render.html import Pages
from bot.render.words import Words
from bot.settings import Settings
from bot.settings.policy import rules_of
from bot.web.answering import Answering
from bot.web.codes import CodesWeb
from bot.web.door import DoorWeb
from bot.web.eid import EidWeb
from bot.web.help import HelpWeb
from bot.web.pages import CaseWeb
from handlers.accounts import Accounts, Directory
from handlers.approvals import Approvals, Deciding
from handlers.cards import Cards, SupportChannel
from handlers.events import Place
from handlers.home import Homes
from handlers.passes import Follow, Issue
from handlers.people import People
from handlers.ports import Channels, Chats, Clock, Reader, SignIn
from handlers.preferences import Preferences
from handlers.questions.feature import Questions
from handlers.questions.learning import Weekly
from handlers.relay.crossing import Crossing
from handlers.relay.facts import Facts
from handlers.relay.feature import Relays
from handlers.relay.marking import Marking
from handlers.reminders import Reminders
from handlers.rollout.remind import Remind
from handlers.router import Router
from handlers.setup.feature import Setup
from handlers.setup.looks import Looks
from handlers.stops import Stops
from handlers.store.audit import Audit
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import AuditKeys, EvidenceKeys
from handlers.verification.announcing import Announcing
from handlers.verification.asking import Asking
from handlers.verification.codes import Aside, Codes, Recovery, Sending
from handlers.verification.colleague import Colleagues
from handlers.verification.door import Doors
from handlers.verification.eid import ByEid
from handlers.verification.proving import Proving
from handlers.verification.standing import Standings
from handlers.welcome import Welcomes


@dataclass(frozen=True)
class Features:
    router: Router
    audit: Audit
    web: CaseWeb
    seen: list[Route]
    """The pages of agents and managers, and of whoever stops passes."""
    eid: EidWeb
    codes: CodesWeb
    signing: SigningIn | None
    door: DoorWeb
    help: HelpWeb
    follow: Follow
    remind: Remind
    weekly: Weekly
    announcing: Announcing

    @classmethod
    def build(
        cls,
        settings: Settings,
        clock: Clock,
        database: Database,
        directory: Directory,
        chats: Chats,
        words: Words,
        eids: Eids,
        reader: Reader | None,
        channels: Channels,
        sign_in: SignIn | None,
    ) -> "Features":
        audit = Audit(AuditKeys(_keys(settings.secrets.audit_key)))
        cases = Cases(audit)
        keys = EvidenceKeys(_keys(settings.secrets.evidence_key))
        people = People(database, chats, directory.users, clock)
        accounts = Accounts(
            directory,
            settings.approval.group or None,
            settings.verification.agents_group or None,
            settings.verification.class_b_groups,
            settings.verification.class_c_groups,
        )
        rules = rules_of(settings.verification, settings.passes.daily_cap)
        trial = settings.passes.evaluation
        cards = Cards(_support_channel(settings), keys, rules, trial)
        standings = Standings(database, accounts, clock, rules, support_calendar_of(settings))
        proving = Proving(cases, cards, keys, standings)
        seen = Seen.build(settings, clock, database, people, accounts, cards, proving)
        recovery = Recovery(database, audit, keys, clock) if settings.signin.on else None
        codes = Codes(
            database,
            cases,
            proving,
            clock,
            standings.rules,
            support_calendar_of(settings),
            Sending(database, directory.users, cases, keys, clock, channels),
            recovery,
            Aside(),
        )
        by_eid = ByEid(database, accounts, cases, proving, keys, clock, eids, bool(codes.routes))
        issue = Issue(
            database,
            accounts,
            cases,
            cards,
            keys,
            clock,
            timedelta(minutes=settings.passes.lifetime_minutes),
            standings,
            trial,
        )
        show_within = timedelta(hours=settings.passes.show_within_hours)
        deciding = Deciding(database, accounts, cases, cards, keys, clock, show_within, standings)
        pages = Pages(words, TEMPLATES / "web")
        answering = Answering(pages, settings.web.public_url, settings.web.trusted_proxies)
        signing = SigningIn.build(settings, clock, database, chats, audit, deciding, answering, sign_in)
        braking = Braking.build(settings, people, issue, answering, signing)
        own_telecom = settings.organisation.own_telecom
        asking = Asking(people, chats, by_eid, settings.web.public_url)
        homes = Homes(database, people, directory, clock, settings.rollout.time_zone, own_telecom)
        router = Router(
            questions=Questions(
                database,
                people,
                matcher_of(TEMPLATES),
                clock,
                audit,
                reader,
                by_eid=signing is not None and bool(eids.routes or codes.routes),
            ),
            approvals=Approvals(
                people,
                chats,
                deciding,
                signing.links if signing else None,
                signing.decisions if signing else None,
                settings.web.public_url,
            ),
            asking=asking,
            colleagues=Colleagues(database, people, accounts, cases, cards, clock, asking, standings.rules),
            stops=Stops(database, people, cases, issue),
            vouching=seen.vouching,
            reminders=Reminders(database, people, directory, clock, own_telecom),
            setup=Setup(
                database,
                people,
                Looks(database, directory, clock, own_telecom),
                clock,
                f"{settings.web.public_url}/case/recovery" if settings.signin.on else "",
            ),
            relays=_relays(settings, clock, database, directory, chats, people, cases),
            homes=homes,
            preferences=Preferences(database, people, homes, clock),
            welcomes=Welcomes(database, people, clock),
            switching=braking.switching,
        )
        web = CaseWeb(
            answering=answering,
            claiming=seen.claiming,
            passes=issue,
            style=TEMPLATES / "web" / "site.css",
            by_eid=by_eid,
            eids=eids,
            codes=codes,
        )
        help_web = HelpWeb(pages, words, settings.web.public_url, settings.organisation.language)
        doors = Doors(database, directory.users, clock)
        return cls(
            router=router,
            audit=audit,
            web=web,
            seen=[*(seen.routes(answering, signing.gate) if signing else []), *braking.routes],
            eid=EidWeb(answering, by_eid, eids, codes),
            codes=CodesWeb(answering, codes, recovery, signing.gate if signing else None),
            signing=signing,
            door=DoorWeb(answering, help_web, doors, by_eid, eids),
            help=help_web,
            follow=Follow(database, directory, cases, cards),
            remind=Remind(
                database,
                directory,
                chats,
                calendar_of(settings),
                settings.rollout.offsets,
                own_telecom,
                settings.organisation.language,
            ),
            weekly=Weekly(database, calendar_of(settings), cards.channel),
            announcing=Announcing(database, audit, cards.channel, clock),
        )


def _relays(
    settings: Settings,
    clock: Clock,
    database: Database,
    directory: Directory,
    chats: Chats,
    people: People,
    cases: Cases,
) -> Relays | None:
    """Conversations with support, if the settings want them."""
    if not settings.support.relay:
        return None
    channel = _support_channel(settings)
    crossing = Crossing(database, channel, clock)
    marking = Marking(database, people, chats, crossing, channel, clock)
    facts = Facts(database, directory, cases)
    return Relays(database, people, facts, crossing, marking, channel, support_calendar_of(settings), clock)


def _keys(listed: tuple[SecretBytes, ...]) -> tuple[bytes, ...]:
    return tuple(key.get_secret_value() for key in listed)


def _support_channel(settings: Settings) -> SupportChannel:
    slack = settings.slack
    place = Place("slack", slack.support_channel)
    return SupportChannel(slack.workspace_ids[0], place, settings.organisation.language)
