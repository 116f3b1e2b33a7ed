"""How finance's records are told to programs and on the command line."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from service.clock import JAKARTA, rfc3339
from service.finance import reconcile
from service.finance.books import Balance
from service.finance.exceptions import Seen
from service.finance.exports.selection import Period
from service.finance.fetch import Scope
from service.finance.model import Reconciliation


def scope_of_days(processor: str, period: Period) -> Scope:
    """The moments of inclusive Jakarta dates."""
    since = datetime.combine(period.first, time(), JAKARTA)
    until = datetime.combine(period.last + timedelta(days=1), time(), JAKARTA)
    return Scope(processor, since=since, until=until)


def of_reconciliation(session: Session, found: Reconciliation) -> dict[str, Any]:
    """A reconciliation with its control totals and everything that did not agree."""
    return {
        "id": found.id,
        "processor": found.processor,
        "payout": found.payout_ref,
        "since": rfc3339(found.since),
        "until": rfc3339(found.until),
        "state": found.state,
        "fetched": found.fetched,
        "repaired": found.repaired,
        "started_at": rfc3339(found.started_at),
        "finished_at": rfc3339(found.finished_at),
        "result": found.result,
        "differences": [
            {"kind": row.kind, "balance_transaction": row.balance_ref, **row.data}
            for row in reconcile.differences_of(session, found.id)
        ],
    }


def of_balances(found: Iterable[Balance]) -> list[dict[str, str]]:
    """Balances in major units."""
    return [
        {
            "account": balance.account,
            "currency": balance.amount.currency,
            "balance": balance.amount.export_text(),
        }
        for balance in found
    ]


def of_exception(seen: Seen) -> dict[str, Any]:
    """An exception with its last explanation."""
    row, note = seen.exception, seen.note
    return {
        "id": row.id,
        "kind": row.kind,
        "subject": seen.subject,
        "contribution_id": row.contribution_id,
        "opened_at": rfc3339(row.opened_at),
        "concerns_on": row.concerns_on.isoformat(),
        "state": seen.state,
        "note": note.note if note else None,
        "explained_by": note.explained_by if note else None,
        "explained_at": rfc3339(note.explained_at) if note else None,
    }
