"""``python -m bot.training``: learns the model of topics anew, after phrasings or the lexicon have changed.

Needs the extra ``training`` (scikit-learn): only whoever changes the phrasings has to have it. The model is a linear
support vector machine, one against the rest, over the features of ``handlers.questions.matching``.
"""

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from bot.bench.answers import examples
from bot.guide import TEMPLATES, lexicon_text, model_file
from handlers.questions.matching.features import WEIGHTS, features
from handlers.questions.matching.lexicon import Lexicon, read
from handlers.questions.matching.model import ZERO, Model, Row, dumped, fingerprint
from handlers.questions.matching.words import words
from handlers.questions.topics import Topic

_SEEN = {"w": 2, "c": 2, "m": 1, "p": 2}
"""In how many phrasings a feature of each kind has to stand to be worth learning."""
_SOFTNESS = 0.5
_SEED = 20261124


def main() -> int:
    """Learn, and write the file."""
    listed = list(examples())
    text = lexicon_text(TEMPLATES)
    lexicon = Lexicon(read(text))
    counted = [features(words(phrasing.text), lexicon) for phrasing in listed]
    vocabulary = _vocabulary(counted)
    matrix = _matrix(counted, vocabulary)
    classifier = LinearSVC(C=_SOFTNESS, class_weight="balanced", random_state=_SEED)
    classifier.fit(matrix, [str(phrasing.topic) for phrasing in listed])
    rows = {}
    for column, (feature, rarity) in enumerate(vocabulary.items()):
        weights = classifier.coef_[:, column]
        scale = float(abs(weights).max()) / 127 or 1.0
        rows[feature] = Row(rarity, scale, bytes(round(weight / scale) + ZERO for weight in weights))
    model = Model(
        topics=tuple(Topic(topic) for topic in classifier.classes_),
        bias=tuple(round(float(bias), 5) for bias in classifier.intercept_),
        rows=rows,
        origin=fingerprint(listed, text),
    )
    model_file(TEMPLATES).write_bytes(dumped(model))
    sys.stdout.write(f"{len(listed)} phrasings, {len(rows)} features\n")
    return 0


def _vocabulary(counted: Sequence[Mapping[str, Counter[str]]]) -> dict[str, float]:
    """The features worth learning, each with how rare it is."""
    seen: dict[str, int] = defaultdict(int)
    for kinds in counted:
        for kind, found in kinds.items():
            for feature in found:
                seen[f"{kind}:{feature}"] += 1
    total = 1 + len(counted)
    return {
        feature: math.log(total / (1 + count)) + 1
        for feature, count in sorted(seen.items())
        if count >= _SEEN[feature[0]]
    }


def _matrix(counted: Sequence[Mapping[str, Counter[str]]], vocabulary: dict[str, float]) -> csr_matrix:
    column = {feature: number for number, feature in enumerate(vocabulary)}
    rows, columns, values = [], [], []
    for number, kinds in enumerate(counted):
        for kind, found in kinds.items():
            known = {
                name: (1 + math.log(count)) * vocabulary[name]
                for feature, count in found.items()
                if (name := f"{kind}:{feature}") in vocabulary
            }
            length = math.sqrt(sum(value * value for value in known.values())) or 1.0
            for name, value in known.items():
                rows.append(number)
                columns.append(column[name])
                values.append(WEIGHTS[kind] * value / length)
    return csr_matrix((values, (rows, columns)), shape=(len(counted), len(vocabulary)))


if __name__ == "__main__":
    sys.exit(main())
