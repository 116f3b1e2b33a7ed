"""An acceptance as evidence: what was agreed to, told whole, and whether that still holds (pure).

The file of a contribution stands alone: it carries each text as it was shown and in the form that
is hashed, so that anybody can compute the hash. Its ``seal``, a keyed hash over everything else,
shows this service that it made the file and that nothing in it was changed since.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from service.clock import rfc3339
from service.sealing import Sealer
from service.terms.library import Library
from service.terms.model import Acceptance
from service.terms.texts import Clause, TermsText, canonical, digest

FORMAT = "apresiasi-spesial acceptance 1"
_HOW = "sha256 is the SHA-256 of canonical in UTF-8: title, clauses and the wording beside the button."
_SEAL = "acceptance file"


@dataclass(frozen=True, slots=True)
class Finding:
    """One acceptance, and in what respects it does not hold; none where it does."""

    version: str
    locale: str
    sha256: str
    accepted_at: str
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.problems


def make(
    reference: str, contribution_id: str, acceptances: Sequence[Acceptance], terms: Library, sealer: Sealer
) -> dict[str, Any]:
    """The file of a contribution: every acceptance with its text as shown, None where there is
    no published text that gives its hash."""
    told = {
        "format": FORMAT,
        "reference": reference,
        "contribution_id": contribution_id,
        "how_to_verify": _HOW,
        "acceptances": [_told(acceptance, terms) for acceptance in acceptances],
    }
    return {**told, "seal": _seal(told, sealer)}


def examine(acceptances: Sequence[Acceptance], terms: Library) -> list[Finding]:
    """Each stored acceptance, compared with the published text that it names."""
    return [_finding(_facts(row), _against_published(_facts(row), terms)) for row in acceptances]


def examine_file(document: Any, terms: Library, sealer: Sealer) -> list[Finding]:
    """Each acceptance of a file that was read again, by itself and against the published texts.

    Raises ValueError for what is no such file.
    """
    try:
        if document["format"] != FORMAT:
            raise ValueError(FORMAT)
        sealed = {name: value for name, value in document.items() if name != "seal"}
        whole = _seal(sealed, sealer) == document["seal"]
        findings = [_examine_told(acceptance, terms) for acceptance in document["acceptances"]]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError("no file of an acceptance") from error
    if not findings:
        raise ValueError("the file holds no acceptance")
    note = () if whole else ("the file is not as this service sealed it",)
    return [replace(finding, problems=finding.problems + note) for finding in findings]


def _told(acceptance: Acceptance, terms: Library) -> dict[str, Any]:
    text = terms.find(acceptance.version, acceptance.locale)
    fits = text is not None and text.sha256 == acceptance.sha256
    return {
        **_facts(acceptance),
        "text": _shown(text) if text is not None and fits else None,
        "canonical": text.canonical if text is not None and fits else None,
    }


def _facts(acceptance: Acceptance) -> dict[str, Any]:
    return {
        "version": acceptance.version,
        "locale": acceptance.locale,
        "sha256": acceptance.sha256,
        "agreement": acceptance.agreement,
        "accepted_at": rfc3339(acceptance.accepted_at),
    }


def _shown(text: TermsText) -> dict[str, Any]:
    return {
        "publisher": text.publisher,
        "effective_from": rfc3339(text.effective_from),
        "title": text.title,
        "clauses": [asdict(clause) for clause in text.clauses],
        "agreement": text.agreement,
    }


def _examine_told(acceptance: Mapping[str, Any], terms: Library) -> Finding:
    problems = _against_published(acceptance, terms)
    shown, told = acceptance["text"], acceptance["canonical"]
    if shown is None or told is None:
        return _finding(acceptance, [*problems, "the file holds no text"])
    clauses = [Clause(**clause) for clause in shown["clauses"]]
    if canonical(shown["title"], clauses, shown["agreement"]) != told:
        problems.append("the text as shown is not the form that is hashed")
    if digest(told) != acceptance["sha256"]:
        problems.append("the text in the file gives another hash")
    text = terms.find(acceptance["version"], acceptance["locale"])
    if text is not None and shown != _shown(text):
        problems.append("the text in the file is not the published one")
    return _finding(acceptance, problems)


def _against_published(acceptance: Mapping[str, Any], terms: Library) -> list[str]:
    text = terms.find(acceptance["version"], acceptance["locale"])
    if text is None:
        return ["no such text is published here"]
    problems = []
    if text.sha256 != acceptance["sha256"]:
        problems.append("the published text has another hash")
    if text.agreement != acceptance["agreement"]:
        problems.append("the wording beside the button is not that of the published text")
    accepted, replaced = datetime.fromisoformat(acceptance["accepted_at"]), terms.until(text.version)
    if accepted < text.effective_from.replace(microsecond=0):
        problems.append("it was accepted before it took effect")
    if replaced is not None and accepted >= replaced:
        problems.append("it was accepted when another version had taken its place")
    return problems


def _finding(acceptance: Mapping[str, Any], problems: Sequence[str]) -> Finding:
    return Finding(
        version=str(acceptance["version"]),
        locale=str(acceptance["locale"]),
        sha256=str(acceptance["sha256"]),
        accepted_at=str(acceptance["accepted_at"]),
        problems=tuple(problems),
    )


def _seal(told: Mapping[str, Any], sealer: Sealer) -> str:
    return sealer.blind(_SEAL, json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
