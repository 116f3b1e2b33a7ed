"""What Midtrans says of a transaction: the status answer, the notification and its signature."""

import hashlib
import json
from typing import Any

from tests.fakes.midtrans.records import Delivery, Reversal, Transaction
from tests.fakes.midtrans.world import World, rupiah, wib

HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "Veritrans"}
CODES = {"pending": "201", "deny": "202", "expire": "202", "failure": "202"}
FOUND = "Success, transaction is found"
NOTIFIED = "midtrans payment notification"


def signature(event: dict[str, Any], server_key: str) -> str:
    """SHA-512 over the raw strings of order id, status code and gross amount, then the key."""
    signed = "".join(str(event.get(name, "")) for name in ("order_id", "status_code", "gross_amount"))
    return hashlib.sha512((signed + server_key).encode()).hexdigest()


def code(transaction: Transaction) -> str:
    """The status code of a notification; a challenged card is not yet a success."""
    if transaction.status == "capture" and transaction.fraud == "challenge":
        return "201"
    return CODES.get(transaction.status, "200")


def status(world: World, transaction: Transaction) -> dict[str, Any]:
    """The answer to GET status; here an expired transaction is 407, in its notification 202."""
    expired = transaction.status == "expire"
    return _told(world, transaction, "407" if expired else code(transaction), FOUND)


def notify(world: World, transaction: Transaction) -> None:
    event = _told(world, transaction, code(transaction), NOTIFIED)
    event |= transaction.page.person
    world.deliveries.append(Delivery(event, json.dumps(event).encode(), dict(HEADERS)))


def sign(event: dict[str, Any] | bytes, server_key: str) -> Delivery:
    """A delivery with a valid signature of that key, whatever the event says."""
    parsed: dict[str, Any] = json.loads(event) if isinstance(event, bytes) else dict(event)
    parsed["signature_key"] = signature(parsed, server_key)
    return Delivery(parsed, json.dumps(parsed).encode(), dict(HEADERS))


def _told(world: World, transaction: Transaction, status_code: str, message: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "status_code": status_code,
        "status_message": message,
        "transaction_id": transaction.id,
        "order_id": transaction.order_id,
        "merchant_id": world.merchant_id,
        "gross_amount": rupiah(transaction.amount),
        "currency": "IDR",
        "payment_type": transaction.method,
        "transaction_time": wib(transaction.chosen_at),
        "transaction_status": transaction.status,
        "fraud_status": transaction.fraud,
        "expiry_time": wib(transaction.expires_at),
        **transaction.details,
        **transaction.page.echoed,
    }
    if transaction.settled_at is not None:
        said["settlement_time"] = wib(transaction.settled_at)
        if transaction.method == "qris":
            said["issuer"] = "dana"
    if transaction.refunds:
        said["refund_amount"] = rupiah(sum(refund.amount for refund in transaction.refunds))
        said["refunds"] = [_reversal(refund) for refund in transaction.refunds]
    if transaction.chargebacks:
        said["chargebacks"] = [_reversal(chargeback) for chargeback in transaction.chargebacks]
    said["signature_key"] = signature(said, world.server_key)
    return said


def _reversal(reversal: Reversal) -> dict[str, Any]:
    said: dict[str, Any] = {
        "refund_chargeback_id": reversal.id,
        "refund_chargeback_uuid": reversal.uuid,
        "refund_amount": rupiah(reversal.amount),
        "created_at": wib(reversal.at),
        "reason": reversal.reason,
        "bank_confirmed_at": wib(reversal.at),
    }
    return said if reversal.key is None else {**said, "refund_key": reversal.key}
