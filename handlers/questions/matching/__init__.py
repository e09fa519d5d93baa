"""From free text to a topic: in process, offline, the same every time."""

from handlers.questions.matching.matcher import Matcher
from handlers.questions.matching.outcome import Kind, Match, Phrasing

__all__ = ["Kind", "Match", "Matcher", "Phrasing"]
