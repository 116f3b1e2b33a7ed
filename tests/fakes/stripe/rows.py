"""Rows of the balance: what Stripe takes, converts and keeps for each movement."""

from fractions import Fraction

from tests.fakes.stripe import events, money_objects
from tests.fakes.stripe.errors import NotPossible
from tests.fakes.stripe.store import Json, Reference, Store

FIXED_FEES = {"idr": 200_000, "usd": 50}
DISPUTE_FEES = {"idr": 22_000_000, "usd": 1500}


def _rounded(value: Fraction) -> int:
    """The nearest integer, halves away from zero."""
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


def convert(store: Store, amount: int, currency: str) -> tuple[int, float | None]:
    """Presentment minor units as settlement minor units, and the rate if one was needed."""
    account = store.account
    if currency == account.settlement_currency:
        return amount, None
    if account.exchange_rate is None:
        raise NotPossible(f"no exchange_rate from {currency} to {account.settlement_currency}")
    rate = Fraction(account.exchange_rate)
    return _rounded(amount * rate), float(rate)


def payment_fees(store: Store, settled: int) -> list[Json]:
    account, currency = store.account, store.account.settlement_currency
    fixed = FIXED_FEES.get(currency, 0) if account.fee_fixed is None else account.fee_fixed
    fee = _rounded(Fraction(settled * account.fee_basis_points, 10_000)) + fixed
    fees = [money_objects.fee_detail(fee, currency, "Stripe processing fees")]
    if account.tax_basis_points:
        tax = _rounded(Fraction(fee * account.tax_basis_points, 10_000))
        fees.append(money_objects.fee_detail(tax, currency, "VAT", "tax"))
    return fees


def dispute_fee(store: Store, sign: int = 1) -> list[Json]:
    account, currency = store.account, store.account.settlement_currency
    fee = DISPUTE_FEES.get(currency, 0) if account.dispute_fee is None else account.dispute_fee
    return [money_objects.fee_detail(sign * fee, currency, "Dispute fee")] if fee else []


def enter(store: Store, row: Json) -> Json:
    """Add a row to the balance, where a payout will take it."""
    store.add(row)
    store.not_paid_out[row["id"]] = None
    if row["status"] == "pending":
        store.watch(store.pending_rows, row["id"], row["available_on"])
    return row


def of_charge(store: Store, charge: Json) -> Json:
    """The row of a paid charge, with its fee; the charge names it from now on."""
    settled, rate = convert(store, charge["amount"], charge["currency"])
    kind = "charge" if charge["id"].startswith("ch_") else "payment"
    fees = payment_fees(store, settled)
    row = money_objects.balance_transaction(
        store, kind, settled, source=charge["id"], fees=fees, rate=rate, description=charge["description"]
    )
    store.unsettled.pop(charge["id"], None)
    return enter(store, row)


def settle(store: Store, payment_intent: Reference | None = None) -> list[Json]:
    """Rows for charges that have none yet (all of them, or one payment's), each with charge.updated."""
    if payment_intent is None:
        waiting = [store.by_id[id_] for id_ in store.unsettled]
    else:
        charge = store.charge_of(payment_intent)
        waiting = [charge] if charge["balance_transaction"] is None else []
    made = []
    for charge in waiting:
        row = of_charge(store, charge)
        events.change(store, "charge.updated", charge, balance_transaction=row["id"])
        made.append(row)
    return made


def charge_stripe_fee(store: Store, amount: int, description: str = "Billing - Usage Fee") -> Json:
    """A fee of Stripe's own, ``amount`` settlement minor units, that belongs to no payment."""
    row = money_objects.balance_transaction(
        store, "stripe_fee", -amount, source=None, description=description
    )
    return enter(store, row)
