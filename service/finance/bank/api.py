"""``/api/v1/desk/finance``: payouts as ledger, processor and bank know them; bank statements."""

from typing import Any

from flask import request

from service.clock import rfc3339
from service.config import BANK_LIMIT
from service.db import db, transaction
from service.finance.bank import lines, three_way
from service.finance.bank.schemas import (
    BankLineAnswer,
    BankLinesAnswer,
    ImportAnswer,
    MatchBody,
    PayoutAnswer,
    PayoutsAnswer,
)
from service.finance.bank.statement import read_bytes
from service.finance.bank.three_way import ThreeWay
from service.finance.current import home_currency
from service.finance.model import BankLine, Payout
from service.money import Money
from service.staff import audit
from service.staff.permissions import IMPORT_BANK_LINES, READ_FINANCE
from service.web.access import caller, needs
from service.web.body import ApiBlueprint, allow

blueprint = ApiBlueprint(
    "bank", __name__, url_prefix="/api/v1/desk/finance", description="Payouts and bank statements"
)
_SHOWN = 200


@blueprint.route("/bank-lines", methods=["POST"])
@allow(BANK_LIMIT)
@needs(IMPORT_BANK_LINES)
@blueprint.response(200, ImportAnswer)
def import_lines() -> lines.Imported:
    """Take in a bank statement: the body is the CSV, up to 2 MiB. Lines that are known already
    are left as they are; new ones are matched to payouts."""
    return take_in(request.get_data())


def take_in(raw: bytes) -> lines.Imported:
    """Take in the bytes of a statement on behalf of the caller."""
    read = read_bytes(raw, home_currency())
    with transaction(db.session):
        imported = lines.take_in(db.session, read, caller().id)
        details = {"lines": imported.lines, "new": imported.new, "matched": imported.matched}
        audit.record(db.session, caller().id, "finance.bank_imported", "bank lines", details)
    return imported


@blueprint.route("/bank-lines")
@needs(READ_FINANCE)
@blueprint.response(200, BankLinesAnswer)
def list_lines() -> dict[str, Any]:
    """Bank lines, those without a payout first."""
    return {"items": [_line(*found) for found in lines.newest(db.session, _SHOWN)]}


@blueprint.route("/bank-lines/<int(max=9223372036854775807):line_id>/match", methods=["POST"])
@needs(IMPORT_BANK_LINES)
@blueprint.arguments(MatchBody)
@blueprint.response(200, BankLineAnswer)
def match_line(body: dict[str, Any], line_id: int) -> dict[str, Any]:
    """Say by hand which payout a line is, or that it is none."""
    with transaction(db.session):
        line = lines.assign(db.session, line_id, body["payout"], caller().id)
        audit.record(db.session, caller().id, "finance.bank_matched", str(line_id), body)
        payout = db.session.get(Payout, line.payout_id) if line.payout_id else None
    return _line(line, payout)


@blueprint.route("/payouts")
@needs(READ_FINANCE)
@blueprint.response(200, PayoutsAnswer)
def list_payouts() -> dict[str, Any]:
    """The last payouts: ledger, processor and bank side by side."""
    return {"items": [_payout(it) for it in three_way.newest(db.session, _SHOWN)]}


@blueprint.route("/payouts/<ref>")
@needs(READ_FINANCE)
@blueprint.response(200, PayoutAnswer)
def show_payout(ref: str) -> dict[str, Any]:
    """One payout, by the processor's name for it."""
    return _payout(three_way.get(db.session, ref))


def _line(line: BankLine, payout: Payout | None) -> dict[str, Any]:
    return {
        "id": line.id,
        "booked_on": line.booked_on.isoformat(),
        "currency": line.currency,
        "amount": Money(line.amount_minor, line.currency).export_text(),
        "description": line.description,
        "payout": payout.ref if payout else None,
        "matched_by": line.matched_by,
    }


def _payout(it: ThreeWay) -> dict[str, Any]:
    return {
        "payout": it.payout.ref,
        "processor": it.payout.processor,
        "arrival": it.payout.arrival.isoformat(),
        "currency": it.payout.currency,
        "movements": it.movements,
        "state": it.state,
        "ledger_amount": it.ledger.export_text(),
        "processor_amount": it.processor.export_text(),
        "bank_amount": it.bank.export_text() if it.bank else None,
        "ledger_difference": it.in_ledger.export_text(),
        "bank_difference": it.at_bank.export_text() if it.at_bank else None,
        "reconciled_at": rfc3339(it.payout.reconciled_at),
    }
