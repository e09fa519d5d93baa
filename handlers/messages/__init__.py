"""Every message the product sends or shows: data only. Its words are in ``templates/<language>/``.

A message is a frozen dataclass. The template of ``ApprovalCard`` is ``messages/approval_card.md.j2``;
an ``Answer`` uses ``answers/<topic>.md.j2``. Buttons and form fields are declared here by name; their
labels are in the template.
"""

from handlers.messages.answers import Answer, Choice, Greeting, NotServed, Unanswered
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
from handlers.messages.pages import CasePage, ClaimPage, PassPage, Problem
from handlers.messages.rollout import Progress, Reminder

__all__ = [
    "Action",
    "AgentForm",
    "AgentFormClosed",
    "AgentStart",
    "Answer",
    "ApprovalCard",
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
    "Language",
    "Look",
    "NotAllowed",
    "NotServed",
    "PassPage",
    "Problem",
    "Progress",
    "Reminder",
    "Unanswered",
    "Vote",
    "all_messages",
    "name_of",
]
