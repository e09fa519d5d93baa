"""Every feature, put together: the one place where clients meet rules."""

from dataclasses import dataclass

from starlette.routing import Route

from bot.app.braking import Braking
from bot.app.core import Core
from bot.app.passing import Passing
from bot.app.seen import Seen
from bot.app.signing import SigningIn
from bot.eid.service import Eids
from bot.guide import TEMPLATES, matcher_of
from bot.plan import calendar_of, pace_of, waves_of
from bot.render.html import Pages
from bot.render.words import Words
from bot.settings import Settings
from bot.support import names_on
from bot.web.answering import Answering
from bot.web.codes import CodesWeb
from bot.web.door import DoorWeb
from bot.web.eid import EidWeb
from bot.web.help import HelpWeb
from bot.web.not_me import NotMeWeb
from bot.web.pages import CaseWeb
from bot.web.rollout import HOME as ROLLOUT
from bot.web.rollout import RolloutWeb
from handlers.accounts import Directory
from handlers.approvals import Approvals
from handlers.approvals.seeking import Seeking
from handlers.cards import Cards
from handlers.home import Homes
from handlers.passes import Follow
from handlers.passes.clocks import Clocks
from handlers.passes.figures import WeeklyFigures
from handlers.passes.reconcile import Reconcile
from handlers.ports import Channels, Chats, Clock, Reader, SignIn
from handlers.preferences import Preferences
from handlers.questions.feature import Questions
from handlers.questions.learning import Weekly
from handlers.relay.crossing import Crossing
from handlers.relay.facts import Facts
from handlers.relay.feature import Relays
from handlers.relay.marking import Marking
from handlers.relay.replying import Replying
from handlers.relay.taking import Taking
from handlers.reminders import Reminders
from handlers.rollout.budget import Budget
from handlers.rollout.daily import Daily
from handlers.rollout.history import History
from handlers.rollout.remind import Remind
from handlers.rollout.report import ReportSync
from handlers.rollout.seeing import Seeing
from handlers.rollout.waves import Waves
from handlers.router import Router
from handlers.setup.feature import Setup
from handlers.setup.looks import Looks
from handlers.stops import Stops
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.verification.announcing import Announcing
from handlers.verification.asking import Asking
from handlers.verification.colleague import Colleagues
from handlers.verification.door import Doors
from handlers.welcome import Welcomes


@dataclass(frozen=True)
class Features:
    router: Router
    cases: Cases
    cards: Cards
    web: CaseWeb
    seen: list[Route]
    """The pages of agents and managers, of the rollout, and of whoever stops passes."""
    eid: EidWeb
    codes: CodesWeb
    signing: SigningIn | None
    door: DoorWeb
    help: HelpWeb
    not_me: NotMeWeb
    follow: Follow
    seeking: Seeking
    remind: Remind
    waves: Waves
    history: History
    daily: Daily
    report: ReportSync
    weekly: Weekly
    announcing: Announcing
    clocks: Clocks
    figures: WeeklyFigures
    reconcile: Reconcile

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
        core = Core.build(settings, clock, database, directory, chats, channels.contacts)
        passing = Passing.build(core, channels, eids)
        pages = Pages(words, TEMPLATES / "web")
        answering = Answering(pages, settings.web.public_url, settings.web.trusted_proxies)
        seen = Seen.build(core)
        signing = SigningIn.build(core, passing.deciding, answering, sign_in)
        braking = Braking.build(core, passing.issue, answering, signing)
        gate = signing.gate if signing else None
        help_web = HelpWeb(pages, words, settings.web.public_url, settings.organisation.language)
        doors = Doors(database, directory.users, clock)
        return cls(
            router=_router(core, passing, seen, signing, braking, reader, by_eid=bool(eids.routes)),
            cases=core.cases,
            cards=core.cards,
            web=CaseWeb(
                answering=answering,
                claiming=seen.claiming,
                passes=passing.issue,
                disowning=passing.disowning,
                removing=passing.removing,
                style=TEMPLATES / "web" / "site.css",
                by_eid=passing.by_eid,
                eids=eids,
                codes=passing.codes,
            ),
            seen=[
                *(seen.routes(answering, gate) if gate else []),
                *(RolloutWeb(answering, gate, _seeing(core), words).routes() if gate else []),
                *braking.routes,
            ],
            eid=EidWeb(answering, passing.by_eid, eids, passing.codes),
            codes=CodesWeb(answering, passing.codes, passing.recovery, gate),
            signing=signing,
            door=DoorWeb(answering, help_web, doors, passing.by_eid, eids),
            help=help_web,
            not_me=NotMeWeb(answering, database, passing.disowning, clock),
            seeking=Seeking(passing.deciding, core.people, signing.links if signing else None, core.deputies),
            follow=Follow(database, directory, core.cases, core.cards),
            remind=Remind(
                database,
                directory,
                chats,
                calendar_of(settings),
                settings.rollout.offsets,
                settings.organisation.own_telecom,
                settings.organisation.language,
                pace_of(settings),
                Budget(database, settings.entra.report_rate),
                settings.rollout.ready_note,
            ),
            history=History(database, calendar_of(settings), names_on(settings)),
            report=ReportSync(
                database,
                directory.reports,
                Budget(database, settings.entra.report_rate),
                clock,
                settings.organisation.own_telecom,
            ),
            daily=_daily(core),
            waves=waves_of(settings, database, directory.groups),
            weekly=Weekly(database, calendar_of(settings), core.cards.channels),
            announcing=Announcing(database, core.audit, core.cards.channels, clock),
            figures=WeeklyFigures(database, calendar_of(settings), core.cards.channels, core.rules),
            reconcile=Reconcile(database, directory.audits, core.cases, settings.entra.client_id),
            clocks=Clocks(database, directory, core.cards.channels),
        )


def _router(
    core: Core,
    passing: Passing,
    seen: Seen,
    signing: SigningIn | None,
    braking: Braking,
    reader: Reader | None,
    *,
    by_eid: bool,
) -> Router:
    """Everything that answers in chat."""
    settings, clock, database, people = core.settings, core.clock, core.database, core.people
    own_telecom, public_url = settings.organisation.own_telecom, settings.web.public_url
    asking = Asking(people, core.chats, passing.by_eid, public_url)
    homes = Homes(database, people, core.directory, clock, settings.rollout.time_zone, own_telecom)
    can_prove = signing is not None and (by_eid or bool(passing.codes.routes))
    return Router(
        questions=Questions(
            database, people, matcher_of(TEMPLATES), clock, core.audit, reader, by_eid=can_prove
        ),
        approvals=Approvals(
            people,
            core.chats,
            passing.deciding,
            signing.links if signing else None,
            signing.decisions if signing else None,
            public_url,
        ),
        asking=asking,
        colleagues=Colleagues(
            database, people, core.accounts, core.cases, core.cards, clock, asking, core.rules
        ),
        stops=Stops(database, people, core.cases, passing.disowning),
        removing=passing.removing,
        vouching=seen.vouching,
        reminders=Reminders(database, people, core.directory, clock, own_telecom),
        setup=Setup(
            database,
            people,
            Looks(database, core.directory, clock, own_telecom),
            clock,
            f"{public_url}/case/recovery" if settings.signin.on else "",
        ),
        relays=_relays(core),
        homes=homes,
        preferences=Preferences(database, people, homes, clock),
        welcomes=Welcomes(database, people, clock),
        switching=braking.switching,
    )


def _seeing(core: Core) -> Seeing:
    """What support sees of the rollout."""
    calendar = calendar_of(core.settings)
    return Seeing(core.database, core.accounts, calendar, names_on(core.settings), core.clock)


def _daily(core: Core) -> Daily:
    """What support reads of it; the page behind it is there only where sign-in is set up."""
    settings = core.settings
    return Daily(
        core.database,
        calendar_of(settings),
        core.cards.channels,
        names_on(settings),
        max(settings.rollout.offsets, default=0),
        f"{settings.web.public_url}{ROLLOUT}" if settings.signin.on else "",
    )


def _relays(core: Core) -> Relays | None:
    """Conversations with support, if the settings want them."""
    if not core.settings.support.relay:
        return None
    database, people, clock, channels = core.database, core.people, core.clock, core.cards.channels
    crossing = Crossing(database, channels, clock)
    taking = Taking(database, crossing, clock)
    return Relays(
        database,
        people,
        Facts(database, core.directory, core.cases),
        crossing,
        taking,
        Marking(database, people, core.chats, crossing, clock),
        Replying(database, people, core.chats, crossing, taking),
        core.calendar,
        clock,
    )
