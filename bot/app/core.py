"""What nearly every feature is made of."""

from dataclasses import dataclass

from pydantic import SecretBytes

from bot.app.channels import alarms_of, fan_of
from bot.plan import support_calendar_of
from bot.settings import Settings
from bot.settings.policy import rules_of
from bot.support import support_channels_of
from handlers.accounts import Accounts, Directory
from handlers.cards import Cards
from handlers.people import People
from handlers.ports import Chats, Clock, Contacts
from handlers.rollout.when import Calendar
from handlers.store.audit import Audit
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import AuditKeys, EvidenceKeys
from handlers.verification import policy
from handlers.verification.approvers import Deputies
from handlers.verification.networks import OwnNetworks
from handlers.verification.proving import Proving
from handlers.verification.standing import Standings


@dataclass(frozen=True)
class Core:
    """The records, the directory, the rules, and those who ask them."""

    settings: Settings
    clock: Clock
    database: Database
    directory: Directory
    chats: Chats
    audit: Audit
    cases: Cases
    keys: EvidenceKeys
    people: People
    accounts: Accounts
    rules: policy.Rules
    cards: Cards
    deputies: Deputies
    calendar: Calendar
    """When support is at work."""
    standings: Standings
    proving: Proving

    @classmethod
    def build(
        cls,
        settings: Settings,
        clock: Clock,
        database: Database,
        directory: Directory,
        chats: Chats,
        contacts: Contacts,
    ) -> "Core":
        audit = Audit(AuditKeys(_keys(settings.secrets.audit_key)))
        cases = Cases(audit, alarms_of(settings), fan_of(settings))
        keys = EvidenceKeys(_keys(settings.secrets.evidence_key))
        calendar = support_calendar_of(settings)
        approval = settings.approval
        deputies = Deputies(calendar, approval.fallback_group or None, approval.on_call_group or None)
        accounts = Accounts(
            directory,
            settings.approval.group or None,
            settings.verification.agents_group or None,
            settings.verification.class_b_groups,
            settings.verification.class_c_groups,
            deputies,
        )
        rules = rules_of(settings.verification, settings.passes.daily_cap)
        cards = Cards(support_channels_of(settings), keys, rules, settings.passes.evaluation)
        standings = Standings(database, accounts, clock, rules, calendar, contacts)
        return cls(
            settings=settings,
            clock=clock,
            database=database,
            directory=directory,
            chats=chats,
            audit=audit,
            cases=cases,
            keys=keys,
            people=People(database, chats, directory.users, clock),
            accounts=accounts,
            rules=rules,
            cards=cards,
            deputies=deputies,
            calendar=calendar,
            standings=standings,
            proving=Proving(cases, cards, keys, standings, OwnNetworks(settings.web.own_networks)),
        )


def _keys(listed: tuple[SecretBytes, ...]) -> tuple[bytes, ...]:
    return tuple(key.get_secret_value() for key in listed)
