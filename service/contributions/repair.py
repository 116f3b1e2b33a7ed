"""Apply what stands behind a row of the processor's books whose events never came."""

from sqlalchemy.orm import Session

from service.contributions.taking import take_in
from service.db import end_reading, transaction
from service.errors import ProcessorRefused
from service.processors.base import BalanceRow, Processor


def repair(session: Session, processor: Processor, row: BalanceRow) -> int:
    """Ask what a balance row stands for and apply it; how much of it was new.

    What cannot be applied is shown to finance and stops nothing. Raises ProcessorUnavailable.
    """
    end_reading(session)
    try:
        told = processor.explain_row(row)
    except ProcessorRefused:
        return 0
    with transaction(session):
        return take_in(session, processor, told, "unapplied_row")
