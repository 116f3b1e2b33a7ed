"""The contract's columns and what each holds: one definition for every kind of file."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds. A CODE is a word or id of our own; TEXT may come from outside;
    a RATE is a decimal number of any length, kept as text."""

    NUMBER = "number"
    CODE = "code"
    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"
    MONEY = "money"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``currency`` names the column with the currency of its MONEY."""

    name: str
    kind: Kind
    currency: str = ""


def _columns(kinds: str) -> tuple[Column, ...]:
    found = []
    for line in kinds.split():
        name, kind, *currency = line.split(":")
        found.append(Column(name, Kind(kind), *currency))
    return tuple(found)


# One row for each money movement, in the contract's order.
MOVEMENTS = _columns("""
    sequence:number movement_id:code reference:code contribution_id:code type:code
    article_url:text article_section:text created_at_utc:moment paid_at_utc:moment
    available_on:day payout_id:text payout_arrival:day booked_on_wib:day currency:code
    gross:money:currency fee:money:currency net:money:currency settlement_currency:code
    settlement_gross:money:settlement_currency settlement_fee:money:settlement_currency
    settlement_net:money:settlement_currency exchange_rate:rate processor:code payment_ref:text
    charge_ref:text balance_transaction_ref:text parent_movement_id:code method:text status:code
    live:code debit_account:code credit_account:code terms_version:text message_state:code period:code
""")

# One row for each contribution, currency and month in which money of it moved.
CONTRIBUTIONS = _columns("""
    sequence:number reference:code contribution_id:code status:code message_state:code
    article_url:text article_section:text created_at_utc:moment paid_at_utc:moment booked_on_wib:day
    currency:code gross:money:currency exceptions:money:currency fee:money:currency
    net:money:currency settlement_currency:code settlement_net:money:settlement_currency
    processor:code method:text payment_ref:text payout_id:text payout_arrival:day movements:number
    terms_version:text live:code period:code
""")

COLUMNS = {"movements": MOVEMENTS, "contributions": CONTRIBUTIONS}
