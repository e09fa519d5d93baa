"""The rules of the audit chain: what a link signs, and what is wrong with a row of links. No database here."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from handlers.store.keys import AuditKeys

START: Final = "0" * 64
"""What the first link names as the one before it."""


class Problem(StrEnum):
    """What is wrong with the chain."""

    CHANGED = "changed row"
    GAP = "gap"
    CUT = "cut end"
    HEAD = "head mismatch"
    SEGMENT = "segment mismatch"
    KEY = "unknown key"


@dataclass(frozen=True)
class Verdict:
    """What a verification found: the first thing wrong, if anything is."""

    rows: int
    bad_seq: int | None = None
    problem: Problem | None = None

    @property
    def ok(self) -> bool:
        """Nothing is wrong, or a named person has accepted it."""
        return self.problem is None


@dataclass(frozen=True)
class Link:
    """One link, as it is signed and stored."""

    seq: int
    segment: str
    at: datetime
    actor: str | None
    action: str
    case: str | None
    data: str
    key_id: str
    prev: str
    mac: str = ""

    def signed(self) -> bytes:
        """All of it but the signature, in one way of writing."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return _canonical(
            "audit",
            self.seq,
            self.segment,
            at,
            self.actor,
            self.action,
            self.case,
            self.data,
            self.key_id,
            self.prev,
        )


@dataclass(frozen=True)
class Head:
    """The end of the chain, as it is sealed."""

    seq: int
    mac: str
    segment: str
    broken_at: int | None
    key_id: str
    seal: str = ""

    def signed(self) -> bytes:
        """All of it but the seal."""
        return _canonical("head", self.seq, self.mac, self.segment, self.broken_at, self.key_id)

    def sealed_by(self, keys: AuditKeys) -> bool:
        """Whether we wrote it."""
        return keys.verify(self.key_id, self.signed(), self.seal)


@dataclass(frozen=True)
class Accepted:
    """A break that a named person has accepted, by the link ``at``: from ``broken`` to there nothing is checked."""

    broken: int
    at: int

    def covers(self, seq: int) -> bool:
        """Whether this link, or the lack of it, was accepted."""
        return self.broken <= seq < self.at


@dataclass
class Walk:
    """Goes along the chain, link by link, until something is wrong that nobody has accepted."""

    keys: AuditKeys
    accepted: Sequence[Accepted]
    closed: dict[str, tuple[int, str]]
    """The last link of each closed segment and its signature, as noted when it was closed."""
    rows: int = 0
    wrong: tuple[int, Problem] | None = None
    _seq: int = 0
    _mac: str = START
    _segment: str = ""
    _resume: int = 0

    def step(self, link: Link) -> None:
        """Look at the next link."""
        self.rows += 1
        if link.seq < self._resume:
            self.closed.pop(link.segment, None)
            return
        if link.seq != self._resume:
            self._judge(self._problem_of(link))
            if self.wrong is not None or link.seq < self._resume:
                return
        self._seq, self._mac, self._segment = link.seq, link.mac, link.segment

    def finish(self, head: Head | None) -> Verdict:
        """What was found, once there are no more links."""
        if self.wrong is None:
            self._judge(self._problem_at_end(head))
        return Verdict(self.rows, *(self.wrong or ()))

    def _judge(self, found: tuple[int, Problem] | None) -> None:
        if found is None:
            return
        ends = [known.at for known in self.accepted if known.covers(found[0])]
        if not ends:
            self.wrong = found
            return
        self._resume = max(ends)
        if self.closed.get(self._segment) == (self._seq, self._mac):
            del self.closed[self._segment]

    def _problem_of(self, link: Link) -> tuple[int, Problem] | None:
        if link.seq != self._seq + 1:
            return (self._seq + 1, Problem.GAP)
        if not self.keys.knows(link.key_id):
            return (link.seq, Problem.KEY)
        if link.prev != self._mac or not self.keys.verify(link.key_id, link.signed(), link.mac):
            return (link.seq, Problem.CHANGED)
        if self._segment and link.segment != self._segment:
            noted = self.closed.pop(self._segment, None)
            if noted != (self._seq, self._mac):
                return (self._seq, Problem.SEGMENT)
        return None

    def _problem_at_end(self, head: Head | None) -> tuple[int, Problem] | None:
        if head is None:
            return None
        if not head.sealed_by(self.keys):
            return (self._seq + 1, Problem.HEAD if self.keys.knows(head.key_id) else Problem.KEY)
        if head.broken_at is not None:
            return (head.broken_at, Problem.CUT if head.broken_at > self._seq else Problem.HEAD)
        if head.seq > self._seq:
            return (self._seq + 1, Problem.CUT)
        if (head.seq, head.mac) != (self._seq, self._mac):
            return (head.seq + 1, Problem.HEAD)
        # One noted at the head or after it was closed since the head was read.
        left = (seq for seq, _ in self.closed.values() if seq < head.seq)
        unknown = [seq for seq in left if not any(known.covers(seq) for known in self.accepted)]
        return (min(unknown), Problem.SEGMENT) if unknown else None


def _canonical(*values: object) -> bytes:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=True).encode()
