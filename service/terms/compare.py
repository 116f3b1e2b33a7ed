"""What changed from one version of the terms to another, clause by clause and word by word (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from typing import Any

from service.errors import N_
from service.terms.texts import Limits, TermsText

SAME, REMOVED, ADDED = "same", "removed", "added"
LIMIT_WORDS: Mapping[str, str] = {
    "currency": N_("Currency"),
    "presets": N_("Suggested amounts"),
    "minimum": N_("Smallest amount"),
    "maximum": N_("Largest amount"),
    "message_graphemes": N_("Longest message, in characters"),
    "name_graphemes": N_("Longest name, in characters"),
    "reasons": N_("Reasons for not showing a message"),
    "purposes": N_("What contributions are for"),
    "retention_days": N_("How long data is kept, in days"),
}
_WORD = re.compile(r"\s+|\S+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is the same in both, or only in one of them."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A part of the text that differs: a clause by its id, or another part by its name."""

    id: str
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A limit that differs, with both values; ``words`` is to be translated."""

    name: str
    before: Any
    after: Any

    @property
    def words(self) -> str:
        return LIMIT_WORDS[self.name]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs from an ``old`` text to a ``new`` one of the same language."""

    old: TermsText
    new: TermsText
    clauses: tuple[Change, ...]
    title: tuple[Piece, ...]
    agreement: tuple[Piece, ...]
    limits: tuple[LimitChange, ...]

    @property
    def unchanged(self) -> int:
        """How many clauses are the same."""
        return len(self.new.clauses) - len(self.clauses)

    @property
    def is_empty(self) -> bool:
        return not (self.clauses or self.title or self.agreement or self.limits)


def compare(old: TermsText, new: TermsText) -> Comparison:
    """What changed; title and wording by the button are empty where they are the same."""
    return Comparison(
        old=old,
        new=new,
        clauses=tuple(_changed_clauses(old, new)),
        title=_changed(old.title, new.title),
        agreement=_changed(old.agreement, new.agreement),
        limits=tuple(_changed_limits(old.limits, new.limits)),
    )


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Two texts as one: what stayed, what was removed, what was added, in reading order."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    # White space alone is no ground to call two sentences alike.
    matcher = SequenceMatcher(str.isspace, before, after, autojunk=False)
    found = []
    for kind, start, end, from_, to in matcher.get_opcodes():
        if kind == "equal":
            found.append(Piece(SAME, "".join(before[start:end])))
            continue
        if end > start:
            found.append(Piece(REMOVED, "".join(before[start:end])))
        if to > from_:
            found.append(Piece(ADDED, "".join(after[from_:to])))
    return tuple(found)


def _changed(old: str, new: str) -> tuple[Piece, ...]:
    return pieces(old, new) if old != new else ()


def _changed_clauses(old: TermsText, new: TermsText) -> list[Change]:
    pairs = zip(old.clauses, new.clauses, strict=True)
    return [
        Change(now.id, pieces(was.title, now.title), pieces(was.text, now.text))
        for was, now in pairs
        if (was.title, was.text) != (now.title, now.text)
    ]


def _changed_limits(old: Limits, new: Limits) -> list[LimitChange]:
    pairs = [(field.name, getattr(old, field.name), getattr(new, field.name)) for field in fields(Limits)]
    return [LimitChange(name, was, now) for name, was, now in pairs if was != now]
