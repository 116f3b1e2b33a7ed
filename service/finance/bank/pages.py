"""``/desk/finance/payouts``: ledger, processor and bank side by side; bank statements are taken in here."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from service.config import BANK_LIMIT
from service.db import db, transaction
from service.errors import N_, Refusal, ValidationFailed
from service.finance.bank import lines, three_way
from service.finance.bank.api import take_in
from service.finance.model import Movement, MovementSettlement, PayoutRow, Reconciliation, is_paid_by_row
from service.money import Money
from service.staff import audit
from service.staff.permissions import IMPORT_BANK_LINES, READ_FINANCE
from service.web import language
from service.web.access import caller, needs
from service.web.body import allow
from service.web.errors import problem
from service.web.language import current

blueprint = Blueprint("bank_desk", __name__, template_folder="../templates")
STATES = {
    "agrees": N_("all three agree"),
    "differs": N_("differs"),
    "awaited": N_("not at the bank yet"),
    "failed": N_("came back from the bank"),
    "not_itemised": N_("the processor has not named its rows yet"),
}
_SHOWN = 50
_ROWS = 500


@blueprint.get("/desk/finance/payouts")
@needs(READ_FINANCE)
def show_payouts() -> str:
    """The last payouts and bank lines."""
    return _page()


@blueprint.post("/desk/finance/bank-lines")
@allow(BANK_LIMIT)
@needs(IMPORT_BANK_LINES)
def import_lines() -> ResponseReturnValue:
    """Take in a statement file; what it brought is said on the next page."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise ValidationFailed({"file": ("required", N_("Choose a file first."))})
        done = take_in(sent.read(BANK_LIMIT))
    except Refusal as refusal:
        language.page_address("/desk/finance/payouts")
        return _page(refusal), refusal.status
    address = url_for(
        "bank_desk.show_payouts", lang=current(), lines=done.lines, new=done.new, matched=done.matched
    )
    return redirect(address, 303)


@blueprint.post("/desk/finance/bank-lines/<int(max=9223372036854775807):line_id>")
@needs(IMPORT_BANK_LINES)
def match_line(line_id: int) -> ResponseReturnValue:
    """Say by hand which payout a bank line is, or that it is none."""
    ref = request.form.get("payout", "").strip() or None
    try:
        with transaction(db.session):
            lines.assign(db.session, line_id, ref, caller().id)
            audit.record(db.session, caller().id, "finance.bank_matched", str(line_id), {"payout": ref})
    except Refusal as refusal:
        language.page_address("/desk/finance/payouts")
        return _page(refusal), refusal.status
    return redirect(url_for("bank_desk.show_payouts", lang=current()), 303)


@blueprint.get("/desk/finance/payouts/<ref>")
@needs(READ_FINANCE)
def show_payout(ref: str) -> str:
    """One payout with its rows, control totals, and how it was compared."""
    found = three_way.get(db.session, ref)
    rows = db.session.execute(
        select(Movement, MovementSettlement)
        .join(MovementSettlement, MovementSettlement.movement_id == Movement.id)
        .join(PayoutRow, is_paid_by_row())
        .where(PayoutRow.processor == found.payout.processor, PayoutRow.payout_ref == ref)
        .order_by(Movement.booked_on, Movement.recorded_at, Movement.id)
        .limit(_ROWS)
    ).all()
    compared = db.session.scalars(
        select(Reconciliation)
        .where(Reconciliation.payout_ref == ref)
        .order_by(Reconciliation.started_at.desc())
        .limit(5)
    ).all()
    return render_template(
        "finance/payout.html",
        found=found,
        rows=rows,
        most=_ROWS,
        states=STATES,
        compared=compared,
        money=Money,
    )


def _page(refusal: Refusal | None = None) -> str:
    found = three_way.newest(db.session, _SHOWN)
    return render_template(
        "finance/payouts.html",
        payouts=found,
        states=STATES,
        bank_lines=lines.newest(db.session, _SHOWN),
        free=[it for it in found if it.line is None],
        money=Money,
        told={name: request.args.get(name, type=int) for name in ("lines", "new", "matched")},
        problem=problem(refusal) if refusal else None,
        may_import=IMPORT_BANK_LINES in caller().permissions,
    )
