"""Which reconciliations are due: payouts that do not agree yet, the last days, and interrupted ones."""

from collections.abc import Iterator
from datetime import date, timedelta

import structlog
from prometheus_client import Gauge
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import clock
from service.clock import jakarta_date
from service.contributions.model import Attempt
from service.contributions.repair import repair
from service.errors import NotFound, ProcessorUnavailable
from service.finance import answers, reconcile
from service.finance.exports.selection import Period
from service.finance.fetch import Scope
from service.finance.model import Payout, Reconciliation
from service.finance.reconcile import FINISHED, RUNNING
from service.processors.base import Processor
from service.wiring import Wiring

log = structlog.get_logger()

DIFFERENCES = Gauge(
    "apresiasi_reconciliation_differences",
    "Payouts and days that did not agree when they were compared last",
    ["processor"],
)
_DAYS = 35  # complete days that are compared until they agree
_AGAIN_AFTER = timedelta(hours=6)
_GIVES_UP = timedelta(days=60)  # on a payout that the processor does not itemise


def run_due(session: Session, wiring: Wiring) -> list[str]:
    """Run all that is due, oldest first; the ids of those that were finished. A processor that
    is away, or is not set up, leaves its own for the next time."""
    done = []
    for processor in wiring.processors.all():
        try:
            for scope in _due(session, processor):
                done.append(run_one(session, scope, processor).id)  # noqa: PERF401  # kept when one fails
        except (ProcessorUnavailable, NotFound) as error:
            log.warning("reconciliation_stopped", processor=processor.name, reason=error.code)
        DIFFERENCES.labels(processor.name).set(_unequal(session, processor.name))
    return done


def _unequal(session: Session, processor: str) -> int:
    """How many scopes did not agree when they were compared last."""
    last: dict[tuple[object, ...], bool] = {}
    rows = session.execute(
        select(Reconciliation.payout_ref, Reconciliation.since, Reconciliation.until, Reconciliation.result)
        .where(
            Reconciliation.processor == processor,
            Reconciliation.state == FINISHED,
            Reconciliation.finished_at > clock.now() - _GIVES_UP,
        )
        .order_by(Reconciliation.finished_at)
    )
    for payout, since, until, result in rows:
        last[payout, since, until] = bool(result and result["agrees"])
    return list(last.values()).count(False)


def run_one(session: Session, scope: Scope, processor: Processor) -> Reconciliation:
    """Compare one scope now, or go on with it. Raises ProcessorUnavailable."""
    return reconcile.run(session, reconcile.begin(session, scope), processor, repair)


def _due(session: Session, processor: Processor) -> Iterator[Scope]:
    yield from _interrupted(session, processor.name)
    if not processor.lists_books:
        return
    for day in _complete_days(session, processor.name):
        scope = answers.scope_of_days(processor.name, Period(day, day))
        if not _compared_lately(session, scope):
            yield scope
    # After the days, which may have told of payouts whose events were lost.
    for ref in _payouts(session, processor.name):
        if not _compared_lately(session, Scope(processor.name, payout_ref=ref)):
            yield Scope(processor.name, payout_ref=ref)


def _complete_days(session: Session, processor: str) -> list[date]:
    """The Jakarta days before today on which this processor may have moved money of ours."""
    first = session.scalar(select(func.min(Attempt.created_at)).where(Attempt.processor == processor))
    if first is None:
        return []
    today = jakarta_date(clock.now())
    begins = max(jakarta_date(first), today - timedelta(days=_DAYS))
    return [begins + timedelta(days=place) for place in range((today - begins).days)]


def _interrupted(session: Session, processor: str) -> list[Scope]:
    query = (
        select(Reconciliation)
        .where(Reconciliation.processor == processor, Reconciliation.state == RUNNING)
        .order_by(Reconciliation.started_at)
    )
    return [Scope(row.processor, row.payout_ref, row.since, row.until) for row in session.scalars(query)]


def _payouts(session: Session, processor: str) -> list[str]:
    query = (
        select(Payout.ref)
        .where(
            Payout.processor == processor,
            Payout.reconciled_at.is_(None),
            Payout.recorded_at > clock.now() - _GIVES_UP,
        )
        .order_by(Payout.recorded_at, Payout.ref)
    )
    return list(session.scalars(query))


def _compared_lately(session: Session, scope: Scope) -> bool:
    """Whether a scope agreed, or was found to differ a short while ago."""
    query = (
        select(Reconciliation)
        .where(
            Reconciliation.processor == scope.processor,
            Reconciliation.payout_ref.is_not_distinct_from(scope.payout_ref),
            Reconciliation.since.is_not_distinct_from(scope.since),
            Reconciliation.until.is_not_distinct_from(scope.until),
            Reconciliation.state == FINISHED,
        )
        .order_by(Reconciliation.finished_at.desc())
        .limit(1)
    )
    last = session.scalar(query)
    if last is None or last.finished_at is None:
        return False
    agreed = bool(last.result and last.result["agrees"])
    return agreed or last.finished_at > clock.now() - _AGAIN_AFTER
