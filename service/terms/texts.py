"""One version of the terms in one language: its clauses, its limits, and what is hashed (pure)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from service.clock import rfc3339
from service.money import Money

CLAUSE_IDS = [
    "1.1",
    "1.2",
    "2.1",
    "2.2",
    "3.1",
    "3.2",
    "3.3",
    "4.1",
    "4.2",
    "4.3",
    "5.1",
    "5.2",
    "6.1",
    "7.1",
    "7.2",
]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause in one language; ``section`` is the heading it stands under."""

    id: str
    section: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers that a version of the terms sets; money in minor units."""

    currency: str
    presets: tuple[Money, ...]
    minimum: Money
    maximum: Money
    message_graphemes: int
    name_graphemes: int
    reasons: Mapping[str, str]
    purposes: tuple[str, ...]
    retention_days: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TermsText:
    """One version in one language, exactly as a reader sees it."""

    version: str
    locale: str
    publisher: str
    effective_from: datetime
    title: str
    agreement: str
    clauses: tuple[Clause, ...]
    limits: Limits

    @property
    def canonical(self) -> str:
        return canonical(self.title, self.clauses, self.agreement)

    @property
    def sha256(self) -> str:
        return digest(self.canonical)

    @property
    def limits_sha256(self) -> str:
        """The hash of what a version sets beside its words: the day it begins, and its limits."""
        set_ = {"effective_from": rfc3339(self.effective_from), **asdict(self.limits)}
        return digest(json.dumps(set_, sort_keys=True))

    @property
    def frame_sha256(self) -> str:
        """The hash of what stands around the clauses: the publisher's name and the headings."""
        headings = [[clause.id, clause.section] for clause in self.clauses]
        return digest(json.dumps([self.publisher, headings]))

    @property
    def sections(self) -> Mapping[str, list[Clause]]:
        grouped: dict[str, list[Clause]] = {}
        for clause in self.clauses:
            grouped.setdefault(clause.section, []).append(clause)
        return grouped

    def clause(self, id_: str) -> Clause:
        """The clause of an id, which every version has."""
        return next(clause for clause in self.clauses if clause.id == id_)


def canonical(title: str, clauses: Iterable[Clause], agreement: str) -> str:
    """The text that is hashed: title, clauses in order, and the wording by the button."""
    told = "".join(f"{clause.id} {clause.title}\n{clause.text}\n" for clause in clauses)
    return f"{title}\n{told}{agreement}\n"


def digest(text: str) -> str:
    """SHA-256 over the UTF-8 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
