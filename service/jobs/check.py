"""Every invariant of the service, run against the database as it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from prometheus_client import Gauge
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import append_only, clock
from service.contributions import invariants as contribution_invariants
from service.contributions.model import Contribution
from service.finance import invariants as finance_invariants
from service.finance.closing.verify import broken_months
from service.jobs import closing
from service.jobs.exporting import workshop
from service.moderation import invariants as moderation_invariants
from service.outbox.overdue import outbox_is_worked_off
from service.privacy import invariants as privacy_invariants
from service.privacy import keys
from service.staff import audit
from service.terms import invariants as terms_invariants
from service.terms.model import Acceptance
from service.webhooks import inbox
from service.webhooks.model import ReceivedEvent
from service.wiring import Wiring

log = structlog.get_logger()

BROKEN = Gauge("apresiasi_invariants_broken", "Ids that break an invariant", ["invariant"])
_SHOWN = 20  # ids
_WAITS_AT_MOST = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant: how many ids break it, and the first of them."""

    invariant: str
    broken: int
    ids: list[str]


def run(session: Session, wiring: Wiring, thorough: bool = False) -> list[Finding]:
    """Check all invariants; a finding for each, also for those that hold. ``thorough`` reads the
    rows of every closed month again, not of one in turn."""
    checks: dict[str, Callable[[], list[str]]] = {
        check.__name__: (lambda check=check: check(session))  # type: ignore[misc]  # bound now
        for check in (
            *finance_invariants.INVARIANTS,
            *contribution_invariants.INVARIANTS,
            *moderation_invariants.INVARIANTS,
            outbox_is_worked_off,
            closing.closed_scopes_are_closed_down,
            *privacy_invariants.INVARIANTS,
        )
    }
    checks["acceptances_match_published_terms"] = lambda: _acceptances(session, wiring)
    checks["published_texts_never_change"] = lambda: _published(wiring)
    checks["sealed_by_known_keys"] = lambda: keys.sealed_by_known_keys(session, wiring.sealer)
    checks["events_have_a_known_status"] = lambda: _events(session)
    checks["no_event_waits_for_ever"] = lambda: _waiting(session)
    checks["append_only_is_enforced"] = lambda: append_only.unprotected(session.connection())
    checks["audit_chain_verifies"] = lambda: _audit(session)
    shop = workshop(session.get_bind().engine, wiring.settings)
    checks["closed_months_verify"] = lambda: broken_months(shop, session, thorough)
    findings = []
    for name, check in checks.items():
        ids = check()
        BROKEN.labels(name).set(len(ids))
        if ids:
            log.error("invariant_broken", invariant=name, broken=len(ids), ids=ids[:_SHOWN])
        findings.append(Finding(name, len(ids), ids[:_SHOWN]))
    return findings


def _acceptances(session: Session, wiring: Wiring) -> list[str]:
    """Every contribution has an acceptance, and each matches by its hash a published text that was
    in force at its time (clause 6.1)."""
    published, terms = wiring.terms.hashes(), wiring.terms
    columns = (Acceptance.accepted_at, Acceptance.version, Acceptance.locale, Acceptance.sha256)
    rows = session.execute(
        select(Contribution.id, *columns)
        .outerjoin(Acceptance, Acceptance.contribution_id == Contribution.id)
        .execution_options(yield_per=1000)
    )
    return [
        id_
        for id_, at, *accepted in rows
        if tuple(accepted) not in published or not terms.was_in_force(accepted[0], at)
    ]


def _published(wiring: Wiring) -> list[str]:
    """The texts on disk are those that are served, with the hashes of their publication."""
    settings = wiring.settings
    return terms_invariants.published_texts_never_change(
        wiring.terms, settings.terms_folder, settings.publisher_name
    )


def _events(session: Session) -> list[str]:
    """received = applied + duplicate + unused + quarantined + waiting."""
    query = select(ReceivedEvent.event_id).where(ReceivedEvent.status.not_in(inbox.STATUSES))
    return list(session.scalars(query))


def _waiting(session: Session) -> list[str]:
    """What came too early, or could not be asked about, is applied or set aside in days."""
    query = select(ReceivedEvent.event_id).where(
        ReceivedEvent.status == inbox.WAITING, ReceivedEvent.received_at < clock.now() - _WAITS_AT_MOST
    )
    return list(session.scalars(query))


def _audit(session: Session) -> list[str]:
    chain = audit.check_chain(session)
    return [] if chain.intact else [f"entry {chain.broken_at}"]
