"""The rules of verification, as pure functions: facts in, a named verdict out.

There is no way past them for anybody: whatever issues a pass asks here first.
"""

from datetime import timedelta

from handlers.verification.policy.classes import MISSING, AccountClass, AccountFacts, Classified, classify
from handlers.verification.policy.enough import Proof, Verdict, judge, judge_as, renewed
from handlers.verification.policy.parts import Roles, may_approve, must_pause, pass_lifetime
from handlers.verification.policy.routes import DEFAULT_ROUTES, Route, RouteKind
from handlers.verification.policy.rules import DEFAULT_RULES, Bar, Rules
from handlers.verification.policy.standing import Sign, Signs, Standing, standing
from handlers.verification.policy.waiting import not_before

EVIDENCE_AGE = DEFAULT_RULES.evidence_age

CLAIM_LIFE = timedelta(minutes=10)
"""How long a claim code lives (NIST SP 800-63B-4, 4.1.2: a binding code lives 10 minutes at most)."""

CLAIM_TRIES = 5
"""How many claim codes may be made for one case in all."""

CASES_WINDOW = DEFAULT_RULES.cases_window

__all__ = [
    "CASES_WINDOW",
    "CLAIM_LIFE",
    "CLAIM_TRIES",
    "DEFAULT_ROUTES",
    "DEFAULT_RULES",
    "EVIDENCE_AGE",
    "MISSING",
    "AccountClass",
    "AccountFacts",
    "Bar",
    "Classified",
    "Proof",
    "Roles",
    "Route",
    "RouteKind",
    "Rules",
    "Sign",
    "Signs",
    "Standing",
    "Verdict",
    "classify",
    "judge",
    "judge_as",
    "may_approve",
    "must_pause",
    "not_before",
    "pass_lifetime",
    "renewed",
    "standing",
]
