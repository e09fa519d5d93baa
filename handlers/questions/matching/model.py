"""A linear model: how much each feature of a text speaks for and against each topic."""

import base64
import gzip
import hashlib
import io
import json
import math
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from handlers.questions.matching.features import WEIGHTS
from handlers.questions.matching.outcome import Phrasing
from handlers.questions.topics import Topic

ZERO: Final = 128
_NUMBERS: Final = struct.Struct("dd")
"""Rarity and scale, before the weights."""
_FORM: Final = 1
"""Of the file. Another one is not read."""


class BrokenModel(Exception):
    """The file is no model of this form: made by another version, or damaged."""


@dataclass(frozen=True, slots=True)
class Row:
    """One feature: how rare it is, and its weight for each topic: a byte less ``ZERO``, times ``scale``."""

    rarity: float
    scale: float
    weights: bytes


class Rows(Mapping[str, Row]):
    """The row of every feature, packed: there are many, and the bot holds them for as long as it runs."""

    def __init__(self, rows: Iterable[tuple[str, Row]]) -> None:
        self._packed = {feature: _NUMBERS.pack(row.rarity, row.scale) + row.weights for feature, row in rows}

    def __getitem__(self, feature: str) -> Row:
        packed = self._packed[feature]
        rarity, scale = _NUMBERS.unpack_from(packed)
        return Row(rarity, scale, packed[_NUMBERS.size :])

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


@dataclass(frozen=True)
class Model:
    """Scores topics. Margins, not probabilities: above zero a topic fits better than not."""

    topics: tuple[Topic, ...]
    bias: tuple[float, ...]
    rows: Mapping[str, Row]
    origin: str
    """The fingerprint of the phrasings and the lexicon that it was learnt from."""

    def scores(self, counted: Mapping[str, Counter[str]]) -> Sequence[tuple[float, Topic]]:
        """Every topic with its score, best first."""
        sums, shares = list(self.bias), 0.0
        for kind, features in counted.items():
            known = [
                (row, (1 + math.log(count)) * row.rarity)
                for feature, count in features.items()
                if (row := self.rows.get(f"{kind}:{feature}")) is not None
            ]
            length = math.sqrt(sum(value * value for _, value in known))
            for row, value in known:
                share = WEIGHTS[kind] * value / length * row.scale
                shares += share
                for topic, weight in enumerate(row.weights):
                    sums[topic] += share * weight
        scored = ((score - ZERO * shares, topic) for score, topic in zip(sums, self.topics, strict=True))
        return sorted(scored, key=lambda pair: (-pair[0], pair[1]))


def fingerprint(phrasings: Iterable[Phrasing], lexicon: str) -> str:
    """What a model is learnt from, in short."""
    digest = hashlib.sha256(lexicon.encode())
    for phrasing in phrasings:
        digest.update(f"{phrasing.topic}\t{phrasing.text}\n".encode())
    return digest.hexdigest()[:16]


def dumped(model: Model) -> bytes:
    """The model as a file, the same bytes for the same model."""
    head = {"form": _FORM, "topics": model.topics, "bias": model.bias, "origin": model.origin}
    lines = [json.dumps(head)]
    for feature in sorted(model.rows):
        row = model.rows[feature]
        packed = base64.b64encode(row.weights).decode()
        lines.append(f"{feature}\t{row.rarity:.5g}\t{row.scale:.5g}\t{packed}")
    return gzip.compress("\n".join(lines).encode(), mtime=0)


def loaded(data: bytes) -> Model:
    """The model in a file. Raises ``BrokenModel``."""
    try:
        # Line by line: all lines at once would take as much room again, which is not given back.
        with gzip.open(io.BytesIO(data), "rt", encoding="utf-8") as lines:
            head = json.loads(next(lines))
            if head["form"] != _FORM:
                raise BrokenModel("another form")
            rows = Rows(map(_row, lines))
        topics = tuple(Topic(topic) for topic in head["topics"])
        return Model(topics, tuple(head["bias"]), rows, head["origin"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise BrokenModel(type(error).__name__) from None


def _row(line: str) -> tuple[str, Row]:
    feature, rarity, scale, packed = line.rstrip("\n").split("\t")
    return feature, Row(float(rarity), float(scale), base64.b64decode(packed))
