"""What an act on somebody's data works with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from service.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Case:
    """The contributions (ids) that an act is about, who carries it out, and for a correction what
    is to be written: ``display_name`` or ``email``, None to remove it."""

    session: Session
    ids: Sequence[str]
    actor: str
    wiring: Wiring
    changes: Mapping[str, str | None] = field(default_factory=dict)
