"""The trace: each clause with its rules, refusals, words and tests, made from the registry (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.terms.clauses import CLAUSES, Binding, Wording
from service.terms.marks import marked_tests
from service.terms.texts import Clause, TermsText

_HEAD = """# Trace of the terms

Version {version}. Made by `apresiasi terms trace --markdown`; the suite compares. Each clause of the published terms with what
enforces it, what is refused by it, the words that readers meet, and the tests that carry its id.

| clause | rules | refusals | words | tests |
|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Traced:
    """One clause; ``tests`` is None where no tests are installed."""

    clause: Clause
    binding: Binding
    tests: tuple[str, ...] | None

    @property
    def refusals(self) -> list[str]:
        """Codes with their HTTP status."""
        return [f"{refusal.code} ({refusal.status})" for refusal in self.binding.refusals]

    @property
    def wording(self) -> list[str]:
        return [f"{it.page}: {_words(it)}" for it in self.binding.wording]

    def as_json(self) -> dict[str, Any]:
        told = {
            "id": self.clause.id,
            "title": self.clause.title,
            "does": self.binding.does,
            "rules": list(self.binding.rules),
            "refusals": [{"code": it.code, "status": it.status} for it in self.binding.refusals],
            "wording": [{"page": it.page, "text": _words(it)} for it in self.binding.wording],
            "tests": list(self.tests or ()),
        }
        return told | ({"reason": self.binding.reason} if self.binding.reason else {})


def trace(text: TermsText, tests: Path) -> list[Traced]:
    """Every clause of a text in its order; ``tests`` is the folder that the suite lies in."""
    marked = marked_tests(tests)
    return [
        Traced(clause, CLAUSES[clause.id], None if marked is None else tuple(marked.get(clause.id, ())))
        for clause in text.clauses
    ]


def as_table(traced: Sequence[Traced]) -> list[Mapping[str, Any]]:
    """A row for each clause, short enough for a terminal."""
    return [
        {
            "clause": it.clause.id,
            "title": it.clause.title,
            "rules": len(it.binding.rules),
            "refusals": ", ".join(it.refusals) or None,
            "wording": len(it.binding.wording),
            "tests": None if it.tests is None else len(it.tests),
            "reason": "stated" if it.binding.reason else None,
        }
        for it in traced
    ]


def as_markdown(text: TermsText, traced: Sequence[Traced]) -> str:
    """The whole matrix as a page."""
    rows = [
        f"| {it.clause.id} {it.clause.title} | {len(it.binding.rules)} | {', '.join(it.refusals) or '-'} "
        f"| {len(it.binding.wording)} | {len(it.tests or ())} |\n"
        for it in traced
    ]
    return _HEAD.format(version=text.version) + "".join(rows) + "".join(_section(it) for it in traced)


def _section(it: Traced) -> str:
    parts = [
        f"\n## {it.clause.id} {it.clause.title}\n\n> {it.clause.text}\n\n{it.binding.does}\n",
        f"\nNo rule is possible to refuse by: {it.binding.reason}\n" if it.binding.reason else "",
        _listed("Rules", [f"`{rule}`" for rule in it.binding.rules]),
        _listed("Refusals", [f"`{told}`" for told in it.refusals]),
        _listed("Words", it.wording),
        _listed("Tests", [f"`{name}`" for name in it.tests or ()]),
    ]
    return "".join(parts)


def _listed(head: str, lines: Sequence[str]) -> str:
    return f"\n{head}:\n" + "".join(f"- {line}\n" for line in lines) if lines else ""


def _words(wording: Wording) -> str:
    """What stands there, in English; a part of the terms by its name."""
    if not wording.of_terms:
        return wording.words
    return f"({'clause ' if wording.words[0].isdigit() else ''}{wording.words} of the terms)"
