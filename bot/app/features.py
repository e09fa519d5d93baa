"""Every feature, put together: the one place where clients meet rules."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretBytes

from bot.app.parts import Parts, SupportFactory
from bot.eid.service import Eids
from bot.guide import TEMPLATES, matcher_of
from bot.plan import calendar_of, support_calendar_of
from bot.render.html import Pages
from bot.render.words import Words
from bot.settings import Settings
from bot.web.answering import Answering
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
from handlers.ports import Chats, Clock, Reader
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
from handlers.verification.asking import Asking
from handlers.verification.desk import Desk
from handlers.verification.eid import ByEid
from handlers.verification.proving import Proving
from handlers.welcome import Welcomes


@dataclass(frozen=True)
class Features:
    router: Router
    audit: Audit
    web: CaseWeb
    eid: EidWeb
    help: HelpWeb
    follow: Follow
    remind: Remind
    weekly: Weekly

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
        support: SupportFactory | None,
    ) -> "Features":
        audit = Audit(AuditKeys(_keys(settings.secrets.audit_key)))
        cases = Cases(audit)
        keys = EvidenceKeys(_keys(settings.secrets.evidence_key))
        people = People(database, chats, directory.users, clock)
        accounts = Accounts(
            directory, settings.approval.group or None, settings.verification.agents_group or None
        )
        cards = Cards(_support_channel(settings), keys)
        proving = Proving(cases, cards, keys)
        desk = Desk(database, accounts, cases, proving, keys, clock)
        by_eid = ByEid(database, accounts, cases, proving, keys, clock, eids)
        given = support(Parts(database, chats, people, directory, accounts, desk, clock)) if support else None
        issue = Issue(
            database,
            accounts,
            cases,
            cards,
            keys,
            clock,
            timedelta(minutes=settings.passes.lifetime_minutes),
        )
        show_within = timedelta(hours=settings.passes.show_within_hours)
        deciding = Deciding(database, accounts, cases, cards, keys, clock, show_within)
        own_telecom = settings.organisation.own_telecom
        homes = Homes(database, people, directory, clock, settings.rollout.time_zone, own_telecom)
        router = Router(
            questions=Questions(
                database,
                people,
                matcher_of(TEMPLATES),
                clock,
                audit,
                reader,
                by_eid=given is not None and bool(eids.routes),
            ),
            approvals=Approvals(people, chats, deciding, given.identity if given else None),
            asking=Asking(people, chats, by_eid, settings.web.public_url),
            stops=Stops(database, people, cases, issue),
            reminders=Reminders(database, people, directory, clock, own_telecom),
            setup=Setup(database, people, Looks(database, directory, clock, own_telecom), clock),
            relays=_relays(settings, clock, database, directory, chats, people, cases),
            homes=homes,
            preferences=Preferences(database, people, homes, clock),
            welcomes=Welcomes(database, people, clock),
            extras=given.extras if given else (),
        )
        pages = Pages(words, TEMPLATES / "web")
        answering = Answering(pages, settings.web.public_url, settings.web.trusted_proxies)
        web = CaseWeb(
            answering=answering,
            desk=desk,
            passes=issue,
            style=TEMPLATES / "web" / "site.css",
            by_eid=by_eid,
        )
        return cls(
            router=router,
            audit=audit,
            web=web,
            eid=EidWeb(answering, by_eid, eids),
            help=HelpWeb(pages, settings.web.public_url, settings.organisation.language),
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
