"""What administrators should look at first: the rooms above say it, each about itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy.orm import Session

URGENT, NOTICE, FINE = "urgent", "notice", "fine"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing: a sentence in the reader's language, where to go, and how much it presses."""

    text: str
    path: str
    level: str = NOTICE


Source = Callable[[Session], Sequence[Notice]]


def init_app(app: Flask, sources: Sequence[Source]) -> None:
    """Ask these, in this order."""
    app.extensions["attention"] = tuple(sources)


def notices(session: Session) -> list[Notice]:
    """Everything that any of them says now."""
    return [notice for source in current_app.extensions["attention"] for notice in source(session)]
