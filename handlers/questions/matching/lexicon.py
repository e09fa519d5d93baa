"""What words mean across the languages: concepts, and the words that carry them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final

from handlers.questions.matching.words import words

_GAP: Final = 3
"""Other words that ``..`` leaves room for."""
_LONGEST: Final = 40
"""Letters of a word that are looked at."""
_TYPO_FROM: Final = 6
"""Letters from which a word may have one wrong, missing, doubled or swapped."""

Concepts = Mapping[str, Sequence[str]]
"""The entries of each concept, as written: ``word``, ``stem*``, ``*stem``, ``*stem*``, in rows, ``..`` for a gap."""


class Lexicon:
    """Finds the concepts of a text."""

    def __init__(self, concepts: Concepts) -> None:
        self._single: dict[str, tuple[str, ...]] = {}
        self._rows: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        atoms: set[str] = set()
        for concept in sorted(concepts):
            for entry in concepts[concept]:
                first, *rest = _atoms(entry)
                if not first:
                    continue
                atoms.update((first, *(atom for atom in rest if atom != "..")))
                if rest:
                    self._rows.setdefault(first, []).append((tuple(rest), concept))
                else:
                    self._single[first] = (*self._single.get(first, ()), concept)
        self._known = frozenset(atoms)
        self._inside = frozenset(len(atom) - 2 for atom in atoms if atom[0] == atom[-1] == "*")
        self._nearly = _one_letter_off(atoms)
        self._atoms_of = lru_cache(4096)(self._found)
        self.fingerprint = sha256(repr(sorted((it, *concepts[it]) for it in concepts)).encode()).hexdigest()

    def concepts(self, said: Sequence[str]) -> list[tuple[int, str]]:
        """Every concept in a row of words, with the place where it begins; in the order of the words."""
        atoms = [self._atoms_of(word) for word in said]
        found: list[tuple[int, str]] = []
        for place, here in enumerate(atoms):
            concepts: dict[str, None] = {}
            for atom in here:
                concepts.update(dict.fromkeys(self._single.get(atom, ())))
                for rest, concept in self._rows.get(atom, ()):
                    if concept not in concepts and _follows(rest, atoms, place + 1):
                        concepts[concept] = None
            found.extend((place, concept) for concept in concepts)
        return found

    def _found(self, word: str) -> tuple[str, ...]:
        word = word[:_LONGEST]
        found = [word] if word in self._known else []
        for end in range(1, len(word) + 1):
            if (stem := f"{word[:end]}*") in self._known:
                found.append(stem)
            if (tail := f"*{word[-end:]}") in self._known:
                found.append(tail)
        for size in self._inside:
            pieces = (f"*{word[start : start + size]}*" for start in range(len(word) - size + 1))
            found.extend(inside for inside in pieces if inside in self._known)
        return tuple(dict.fromkeys(found)) or self._guessed(word)

    def _guessed(self, word: str) -> tuple[str, ...]:
        """What a word with one letter wrong, missing, doubled or swapped may have been."""
        if len(word) < _TYPO_FROM or word.isdigit():
            return ()
        found: dict[str, None] = {}
        for end in (len(word), *range(len(word) - 1, _TYPO_FROM - 2, -1)):
            part, whole = word[:end], end == len(word)
            for near in (part, *_shorter(part)):
                for atom in self._nearly.get(near, ()):
                    if whole or atom.endswith("*"):
                        found[atom] = None
            if found:
                break
        return tuple(found)


def read(text: str) -> Concepts:
    """The lexicon as it is written: ``= concept``, then entries with commas between them; ``#`` begins a remark."""
    concepts: dict[str, list[str]] = {}
    entries: list[str] = []
    for line in text.splitlines():
        if line.startswith("= "):
            entries = concepts.setdefault(line[2:].strip(), [])
        elif not line.startswith("#"):
            entries.extend(entry for part in line.split(",") if (entry := part.strip()))
    return concepts


def _atoms(entry: str) -> list[str]:
    """An entry as the pieces that words are held against."""
    atoms: list[str] = []
    for part in entry.split():
        if part == "..":
            atoms.append(part)
            continue
        inner = words(part)
        head, tail = "*" * part.startswith("*"), "*" * part.endswith("*")
        for number, word in enumerate(inner):
            last = number == len(inner) - 1
            atoms.append(f"{head if number == 0 else ''}{word}{tail if last else ''}")
    return atoms or [""]


def _follows(rest: Sequence[str], atoms: Sequence[Sequence[str]], place: int) -> bool:
    slack = 0
    for atom in rest:
        if atom == "..":
            slack = _GAP
            continue
        for step in range(slack + 1):
            if place + step < len(atoms) and atom in atoms[place + step]:
                place += step + 1
                break
        else:
            return False
        slack = 0
    return True


def _shorter(word: str) -> Iterable[str]:
    return (word[:i] + word[i + 1 :] for i in range(len(word)))


def _one_letter_off(atoms: Iterable[str]) -> Mapping[str, Sequence[str]]:
    nearly: dict[str, list[str]] = {}
    for atom in sorted(atoms):
        stem = atom.rstrip("*")
        if not atom.startswith("*") and len(stem) >= _TYPO_FROM - 1:
            for near in {stem, *_shorter(stem)}:
                nearly.setdefault(near, []).append(atom)
    return nearly
