"""Take in what a processor told when it was asked, one fact after the other."""

from collections.abc import Iterable

import structlog
from sqlalchemy.orm import Session

from service.contributions import settle
from service.contributions.settle import CannotApply, NotYet, Outcome
from service.finance import ledger
from service.processors.base import Happening, Processor

log = structlog.get_logger()


def take_in(
    session: Session, processor: Processor, told: Iterable[Happening], kind: str, owner: str | None = None
) -> int:
    """Apply happenings inside the caller's transaction; how many were new.

    One that cannot be applied is shown to finance as an exception of this kind, and stops none
    of the others; one that came too early is told again when it is asked for the next time.
    """
    applied = 0
    for happening in told:
        try:
            with settle.guarded(session):
                outcome = settle.apply(session, processor.name, happening, processor.live)
        except NotYet:
            continue
        except CannotApply as error:
            log.error("told_but_not_applied", processor=processor.name, ref=happening.ref, reason=str(error))
            subject = f"{processor.name}:{happening.ref}"[:100]
            ledger.raise_exception(session, kind, subject, owner, happening.at)
            continue
        applied += outcome is Outcome.APPLIED
    return applied
