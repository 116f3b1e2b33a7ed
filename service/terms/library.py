"""The published terms: loaded from files, hashed, and looked up by version and language."""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from service.config import LOCALES, ConfigError
from service.errors import NotFound
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
_HEADING = re.compile(r"(#{2,3}) (\d(?:\.\d)?) (.+)")


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
        """The text that is hashed: title, clauses in order, and the wording by the button."""
        clauses = "".join(f"{clause.id} {clause.title}\n{clause.text}\n" for clause in self.clauses)
        return f"{self.title}\n{clauses}{self.agreement}\n"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def sections(self) -> Mapping[str, list[Clause]]:
        grouped: dict[str, list[Clause]] = {}
        for clause in self.clauses:
            grouped.setdefault(clause.section, []).append(clause)
        return grouped


class Library:
    """Every published version. Built once at the start and never changed."""

    def __init__(self, texts: Sequence[TermsText]) -> None:
        self._texts = {(text.version, text.locale): text for text in texts}
        self._by_time = sorted(
            {text.version: text.effective_from for text in texts}.items(), key=lambda item: item[1]
        )

    def version_in_force(self, at: datetime) -> str:
        """The newest version that is in effect at a moment. ConfigError when there is none."""
        versions = [version for version, effective in self._by_time if effective <= at]
        if not versions:
            raise ConfigError("terms: no version is in effect")
        return versions[-1]

    def version_at(self, at: datetime) -> str:
        """The same, for any moment: the first version for those before it."""
        return self.version_in_force(max(at, self._by_time[0][1]))

    def in_force(self, at: datetime, locale: str) -> TermsText:
        """The text in force at a moment, in one language."""
        return self._texts[self.version_in_force(at), locale]

    def get(self, version: str, locale: str) -> TermsText:
        """One published text. Raises NotFound for a version that was never published."""
        try:
            return self._texts[version, locale]
        except KeyError as error:
            raise NotFound from error

    def versions(self) -> list[str]:
        """All versions, oldest first."""
        return [version for version, _ in self._by_time]

    def hashes(self) -> set[tuple[str, str, str]]:
        """(version, locale, sha256) of every published text."""
        return {(text.version, text.locale, text.sha256) for text in self._texts.values()}


def load(folder: Path, publisher: str) -> Library:
    """Read and check every version under a folder.

    Raises ConfigError with one line where a text lacks a clause or a language, names
    another publisher, or differs from its hash in ``published.toml``: a text that was
    published is frozen as rendered, another name needs another version.
    """
    frozen = _read_toml(folder / "published.toml")
    texts = []
    for version_folder in sorted(path for path in folder.iterdir() if path.is_dir()):
        pair = [_read_text(version_folder / f"{locale}.md") for locale in LOCALES]
        if pair[0].limits != pair[1].limits or pair[0].effective_from != pair[1].effective_from:
            raise ConfigError(f"terms {version_folder.name}: the languages disagree on limits or dates")
        texts += pair
    for text in texts:
        where = f"terms {text.version}/{text.locale}"
        if text.publisher != publisher:
            raise ConfigError(f"{where}: published for {text.publisher}, not for {publisher}")
        if frozen.get(text.version, {}).get(text.locale) != text.sha256:
            raise ConfigError(f"{where}: the text differs from the hash it was published with")
    return Library(texts)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"terms: {path.name} cannot be read ({error})") from error


def _read_text(path: Path) -> TermsText:
    try:
        _, front, body = path.read_text("utf-8").split("+++\n", 2)
        matter = tomllib.loads(front)
        clauses = tuple(_read_clauses(body))
        if [clause.id for clause in clauses] != CLAUSE_IDS:
            raise ValueError("not exactly the fifteen clauses, in order")
        if (matter["version"], matter["locale"]) != (path.parent.name, path.stem):
            raise ValueError("version or locale does not fit its place")
        return TermsText(
            version=matter["version"],
            locale=matter["locale"],
            publisher=matter["publisher"],
            effective_from=matter["effective_from"],
            title=matter["title"],
            agreement=matter["agreement"],
            clauses=clauses,
            limits=_read_limits(matter),
        )
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"terms {path.parent.name}/{path.name}: {error}") from error


def _read_clauses(body: str) -> list[Clause]:
    clauses: list[Clause] = []
    section, heading, lines = "", ("", ""), list[str]()

    def finish() -> None:
        if heading[0]:
            clauses.append(Clause(heading[0], section, heading[1], "\n".join(lines).strip()))
        lines.clear()

    for line in body.splitlines():
        match = _HEADING.fullmatch(line)
        if match is None:
            lines.append(line)
            continue
        finish()
        if match[1] == "##":
            section, heading = f"{match[2]} {match[3]}", ("", "")
        else:
            heading = (match[2], match[3])
    finish()
    return clauses


def _read_limits(matter: Mapping[str, Any]) -> Limits:
    limits = matter["limits"]
    currency = limits["currency"]
    return Limits(
        currency=currency,
        presets=tuple(Money.of_major(units, currency) for units in limits["presets"]),
        minimum=Money.of_major(limits["minimum"], currency),
        maximum=Money.of_major(limits["maximum"], currency),
        message_graphemes=limits["message_graphemes"],
        name_graphemes=limits["name_graphemes"],
        reasons=matter["reasons"],
        purposes=tuple(matter["purposes"]),
        retention_days=matter["retention_days"],
    )
