"""Every message the product sends or shows: data only. Its words are in ``templates/<language>/``.

A message is a frozen dataclass. The template of ``ApprovalCard`` is ``messages/approval_card.md.j2``;
an ``Answer`` uses ``answers/<topic>.md.j2``. Buttons and form fields are declared here by name; their
labels are in the template.
"""

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
from handlers.messages.cases import (
    ApprovalCard,
    CaseNews,
    CaseOpened,
    NotAllowed,
    Vote,
)
from handlers.messages.desk import AgentForm, AgentFormClosed, AgentStart, CheckForm, ClaimCode
from handlers.messages.eid import CaseLink, IntentPage, NoCase, Provider
from handlers.messages.help import AppPage, HelpPage
from handlers.messages.home import Home, Languages, Welcome
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

__all__ = [
    "Action",
    "AgentForm",
    "AgentFormClosed",
    "AgentStart",
    "Answer",
    "AppPage",
    "ApprovalCard",
    "AskedLately",
    "CaseLink",
    "CaseNews",
    "CaseOpened",
    "CasePage",
    "CheckForm",
    "Choice",
    "ClaimCode",
    "ClaimPage",
    "Data",
    "Field",
    "FieldKind",
    "Greeting",
    "HelpPage",
    "Home",
    "IntentPage",
    "Language",
    "Languages",
    "Look",
    "NoCase",
    "NoHelp",
    "NotAllowed",
    "NotServed",
    "OpenGroup",
    "OpenQuestions",
    "PassPage",
    "Problem",
    "Progress",
    "Provider",
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
    "SetupEnd",
    "SetupLook",
    "SetupPause",
    "SetupStep",
    "SetupStuck",
    "Unanswered",
    "Vote",
    "Welcome",
    "all_messages",
    "name_of",
]
