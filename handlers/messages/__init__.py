"""Every message the product sends or shows: data only. Its words are in ``templates/<language>/``.

A message is a frozen dataclass. The template of ``ApprovalCard`` is ``messages/approval_card.md.j2``;
an ``Answer`` uses ``answers/<topic>.md.j2``. Buttons and form fields are declared here by name; their
labels are in the template.
"""

from handlers.messages.agents import AccountPage, AgentPage, AgentStop, CheckPage, ClaimCode, Waiting
from handlers.messages.answers import (
    Answer,
    Choice,
    Greeting,
    NoHelp,
    NotServed,
    OpenGroup,
    OpenQuestions,
    Unanswered,
)
from handlers.messages.base import (
    Action,
    Data,
    Field,
    FieldKind,
    Language,
    Look,
    all_messages,
    name_of,
)
from handlers.messages.brakes import PassesNotice, PassesPage, PassesReply
from handlers.messages.cases import (
    DENIALS,
    NOBODY,
    ApprovalCard,
    CaseNews,
    CaseOpened,
    NotAllowed,
    ProofLine,
    Vote,
)
from handlers.messages.codes import (
    CodeChoice,
    CodeMail,
    CodePage,
    CodeText,
    RecoveryNews,
    RecoveryPage,
    RecoveryShown,
)
from handlers.messages.colleague import ColleagueAgain, ColleagueForm, ColleagueThanks
from handlers.messages.eid import CaseLink, IntentPage, NoCase, Provider
from handlers.messages.figures import CaseFigures, Counted
from handlers.messages.finishing import OldPhone, OldPhones
from handlers.messages.handling import (
    CaseHeld,
    CaseMore,
    CaseSaved,
    DenyForm,
    NoApprover,
    OnCallApproved,
)
from handlers.messages.help import AnswersPage, AppPage, DoorPage, HelpPage
from handlers.messages.home import Home, Languages, Welcome
from handlers.messages.notices import NoticeMail, NoticeText, NotMeDone, NotMePage, SecurityMail
from handlers.messages.pages import CasePage, ClaimPage, PassPage, Problem
from handlers.messages.relay import (
    AskedLately,
    RelayCard,
    RelayEnded,
    RelayFromPerson,
    RelayFromSupport,
    RelayLost,
    RelayNote,
    RelayOpened,
    RelayTopicForm,
    RelayTopicSet,
)
from handlers.messages.rollout import Progress, Reminder
from handlers.messages.setup import SetupEnd, SetupLook, SetupPause, SetupStep, SetupStuck
from handlers.messages.signing_in import (
    DecidedPage,
    DecideLink,
    DecidePage,
    OnwardPage,
    SignInPage,
    SignInProblem,
    SignInTest,
    SignOutPage,
)
from handlers.messages.trial import TrialMail
from handlers.messages.vouching import ManagerPage, VouchAsked, VouchEnd, VouchLink, VouchPage
from handlers.messages.weakened import PolicyWeakened

__all__ = [
    "DENIALS",
    "NOBODY",
    "AccountPage",
    "Action",
    "AgentPage",
    "AgentStop",
    "Answer",
    "AnswersPage",
    "AppPage",
    "ApprovalCard",
    "AskedLately",
    "CaseFigures",
    "CaseHeld",
    "CaseLink",
    "CaseMore",
    "CaseNews",
    "CaseOpened",
    "CasePage",
    "CaseSaved",
    "CheckPage",
    "Choice",
    "ClaimCode",
    "ClaimPage",
    "CodeChoice",
    "CodeMail",
    "CodePage",
    "CodeText",
    "ColleagueAgain",
    "ColleagueForm",
    "ColleagueThanks",
    "Counted",
    "Data",
    "DecideLink",
    "DecidePage",
    "DecidedPage",
    "DenyForm",
    "DoorPage",
    "Field",
    "FieldKind",
    "Greeting",
    "HelpPage",
    "Home",
    "IntentPage",
    "Language",
    "Languages",
    "Look",
    "ManagerPage",
    "NoApprover",
    "NoCase",
    "NoHelp",
    "NotAllowed",
    "NotMeDone",
    "NotMePage",
    "NotServed",
    "NoticeMail",
    "NoticeText",
    "OldPhone",
    "OldPhones",
    "OnCallApproved",
    "OnwardPage",
    "OpenGroup",
    "OpenQuestions",
    "PassPage",
    "PassesNotice",
    "PassesPage",
    "PassesReply",
    "PolicyWeakened",
    "Problem",
    "Progress",
    "ProofLine",
    "Provider",
    "RecoveryNews",
    "RecoveryPage",
    "RecoveryShown",
    "RelayCard",
    "RelayEnded",
    "RelayFromPerson",
    "RelayFromSupport",
    "RelayLost",
    "RelayNote",
    "RelayOpened",
    "RelayTopicForm",
    "RelayTopicSet",
    "Reminder",
    "SecurityMail",
    "SetupEnd",
    "SetupLook",
    "SetupPause",
    "SetupStep",
    "SetupStuck",
    "SignInPage",
    "SignInProblem",
    "SignInTest",
    "SignOutPage",
    "TrialMail",
    "Unanswered",
    "Vote",
    "VouchAsked",
    "VouchEnd",
    "VouchLink",
    "VouchPage",
    "Waiting",
    "Welcome",
    "all_messages",
    "name_of",
]
