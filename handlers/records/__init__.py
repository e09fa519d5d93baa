"""The rows that the product keeps. What is never among them: a pass, a person number, a token, a payload.

Times are aware and stored in UTC. States are plain strings with a CHECK, so that both databases hold the
same rule. Everything that may move does so by the conditional updates in ``handlers.store``.
"""

from handlers.records.audit import AuditHead, AuditRow, AuditSegment, Pseudonym
from handlers.records.brakes import Brake, BrakeReason
from handlers.records.cases import Approval, CardCopy, Case, Evidence, OldMethod
from handlers.records.codes import Claim, RecoveryCode, SentCode
from handlers.records.eid import Door, EidAttempt, Invitation
from handlers.records.guides import GuideRun
from handlers.records.notices import Freeze, Notice, NotMe
from handlers.records.people import Attempt, Link, Preference
from handlers.records.questions import Question
from handlers.records.reaching import CANNOT, Reached, ReachState
from handlers.records.references import ConversationReference
from handlers.records.registrations import LearnedBy, Registration, ReportReading, Strength, Trouble
from handlers.records.relays import LineState, Relay, RelayLine, Side
from handlers.records.rollout import Due, LeftOut, MovedDay, Pause, PlanChange, PlanEntry, Source, WaveDay
from handlers.records.signing_in import DecisionLink, SignInAttempt, StaffSession, SupportLink
from handlers.records.traffic import InboxState, Incoming, OutboxState, Outgoing, SendingPace
from handlers.records.watching import DirectoryPass, DirectoryWatch

__all__ = [
    "CANNOT",
    "Approval",
    "Attempt",
    "AuditHead",
    "AuditRow",
    "AuditSegment",
    "Brake",
    "BrakeReason",
    "CardCopy",
    "Case",
    "Claim",
    "ConversationReference",
    "DecisionLink",
    "DirectoryPass",
    "DirectoryWatch",
    "Door",
    "Due",
    "EidAttempt",
    "Evidence",
    "Freeze",
    "GuideRun",
    "InboxState",
    "Incoming",
    "Invitation",
    "LearnedBy",
    "LeftOut",
    "LineState",
    "Link",
    "MovedDay",
    "NotMe",
    "Notice",
    "OldMethod",
    "OutboxState",
    "Outgoing",
    "Pause",
    "PlanChange",
    "PlanEntry",
    "Preference",
    "Pseudonym",
    "Question",
    "ReachState",
    "Reached",
    "RecoveryCode",
    "Registration",
    "Relay",
    "RelayLine",
    "ReportReading",
    "SendingPace",
    "SentCode",
    "Side",
    "SignInAttempt",
    "Source",
    "StaffSession",
    "Strength",
    "SupportLink",
    "Trouble",
    "WaveDay",
]
