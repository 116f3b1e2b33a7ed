"""What a switch is for: everything, a section, or one article (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

_KINDS = ("all", "section", "article")  # from the widest to the narrowest


@dataclass(frozen=True, slots=True)
class Scope:
    """``all``, ``section:NAME`` or ``article:KEY``, as the contract writes it."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @property
    def width(self) -> int:
        """0 for everything, more for what is narrower."""
        return _KINDS.index(self.kind)

    @classmethod
    def of_text(cls, text: str) -> "Scope":
        """The scope again that `str` wrote. Raises ValueError for anything else."""
        kind, _, name = text.partition(":")
        if kind not in _KINDS or (kind == "all") is bool(name) or text == "all:":
            raise ValueError("a scope is all, section:NAME or article:URL")
        return cls(kind, name)


EVERYTHING = Scope("all")


def section(name: str) -> Scope:
    return Scope("section", name)


def article(key: str) -> Scope:
    return Scope("article", key)


def covering(article_key: str | None, section_name: str | None) -> Sequence[Scope]:
    """Every scope that an article is in, the widest first."""
    found = [EVERYTHING]
    if section_name:
        found.append(section(section_name))
    if article_key:
        found.append(article(article_key))
    return found
