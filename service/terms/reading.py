"""Read the texts of a version from its files; whatever is wrong with one is told in one line."""

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from service.config import LOCALES
from service.environment import ConfigError
from service.money import Money
from service.terms.texts import CLAUSE_IDS, Clause, Limits, TermsText

PUBLISHED = "published.toml"
_HEADING = re.compile(r"(#{2,3}) (\d(?:\.\d)?) (.+)")
_KEPT = ("unpaid_contribution", "hidden_message", "email")  # what is kept for a time at all


def read_published(folder: Path) -> dict[str, dict[str, str]]:
    """The hashes of every published version, by version. Raises ConfigError."""
    try:
        published = tomllib.loads((folder / PUBLISHED).read_text("utf-8"))
        return {version: dict(hashes) for version, hashes in published.items()}
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"terms: {PUBLISHED} cannot be read ({error})") from error


def read_version(folder: Path, version: str) -> list[TermsText]:
    """A version in every language. Raises ConfigError where they set different things."""
    texts = [read_text(folder / version / f"{locale}.md") for locale in LOCALES]
    for name in ("limits", "effective_from", "publisher"):
        if any(getattr(text, name) != getattr(texts[0], name) for text in texts):
            raise ConfigError(f"terms {version}: the languages disagree on {name.replace('_', ' ')}")
    return texts


def read_text(path: Path) -> TermsText:
    """One file. Raises ConfigError where it is not whole or does not fit its place."""
    try:
        _, front, body = path.read_text("utf-8").split("+++\n", 2)
        matter = tomllib.loads(front)
        if (matter["version"], matter["locale"]) != (path.parent.name, path.stem):
            raise ValueError("version or locale does not fit its place")
        return TermsText(
            version=matter["version"],
            locale=matter["locale"],
            publisher=matter["publisher"],
            effective_from=_moment(matter["effective_from"]),
            title=_words(matter["title"]),
            agreement=_words(matter["agreement"]),
            clauses=_whole(_read_clauses(body)),
            limits=_sensible(_read_limits(matter)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"terms {path.parent.name}/{path.name}: {' '.join(str(error).split())}") from error


def _moment(value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("effective_from is no moment with its time zone")
    return value


def _words(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("title or wording beside the button is missing")
    return value


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


def _whole(clauses: list[Clause]) -> tuple[Clause, ...]:
    if [clause.id for clause in clauses] != CLAUSE_IDS:
        raise ValueError("not exactly the fifteen clauses, in order")
    for clause in clauses:
        if not clause.text:
            raise ValueError(f"clause {clause.id} has no text")
    return tuple(clauses)


def _read_limits(matter: Mapping[str, Any]) -> Limits:
    limits = matter["limits"]
    currency = limits["currency"]
    return Limits(
        currency=currency,
        presets=tuple(Money.of_major(_count(units), currency) for units in limits["presets"]),
        minimum=Money.of_major(_count(limits["minimum"]), currency),
        maximum=Money.of_major(_count(limits["maximum"]), currency),
        message_graphemes=_count(limits["message_graphemes"]),
        name_graphemes=_count(limits["name_graphemes"]),
        reasons=matter["reasons"],
        purposes=tuple(matter["purposes"]),
        retention_days={kind: _count(days) for kind, days in matter["retention_days"].items()},
    )


def _count(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _sensible(limits: Limits) -> Limits:
    """Raises ValueError for limits that no code could keep to."""
    lowest, highest = limits.minimum.minor, limits.maximum.minor
    if not 0 < lowest <= highest:
        raise ValueError("the minimum is not between nothing and the maximum")
    if not limits.presets or not all(lowest <= preset.minor <= highest for preset in limits.presets):
        raise ValueError("a preset is not between minimum and maximum")
    if not (limits.message_graphemes > 0 and limits.name_graphemes > 0):
        raise ValueError("messages and names need some length")
    if not limits.reasons or not set(limits.reasons.values()) <= set(CLAUSE_IDS):
        raise ValueError("a reason names no clause")
    if not all(limits.retention_days[kind] > 0 for kind in _KEPT):
        raise ValueError("what is kept needs a number of days")
    return limits
