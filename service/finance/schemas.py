"""Shapes of the finance API."""

from datetime import UTC, date, datetime, time
from typing import Any

from marshmallow import Schema, fields, validate, validates_schema

from service.errors import N_
from service.finance.exports.selection import FIRST_DAY, LAST_DAY
from service.web.body import FieldError, Text

IN_CALENDAR = validate.Range(FIRST_DAY, LAST_DAY)
_IN_TIME = validate.Range(datetime.combine(FIRST_DAY, time(), UTC), datetime.combine(LAST_DAY, time(), UTC))


def require_order(data: dict[str, Any]) -> None:
    """Raises FieldError where the first day lies after the last."""
    first, last = data.get("first"), data.get("last")
    if isinstance(first, date) and isinstance(last, date) and first > last:
        raise FieldError("not_in_order", N_("The first day lies after the last."))


class ReconciliationBody(Schema):
    """What to compare: a payout, or inclusive Jakarta dates; at which processor."""

    payout = Text(validate=validate.Length(1, 100))
    from_ = fields.Date(data_key="from", attribute="first", validate=IN_CALENDAR)
    to = fields.Date(attribute="last", validate=IN_CALENDAR)
    processor = Text(validate=validate.Length(1, 20))

    @validates_schema
    def one_scope(self, data: dict[str, Any], **_: Any) -> None:
        dates = {"first", "last"} & set(data)
        if ("payout" in data) == bool(dates) or len(dates) == 1:
            raise FieldError("invalid", N_("Name either a payout, or the first and the last day."))
        require_order(data)


class BooksQuery(Schema):
    """As of which moment the books are read, and up to which booking day."""

    at = fields.AwareDateTime(validate=_IN_TIME)
    on = fields.Date(validate=IN_CALENDAR)


class FinanceSummaryQuery(Schema):
    """Which days, and what is summed together."""

    from_ = fields.Date(required=True, data_key="from", attribute="first", validate=IN_CALENDAR)
    to = fields.Date(required=True, attribute="last", validate=IN_CALENDAR)
    by = Text(load_default="day", validate=validate.OneOf(["day", "month", "section", "method"]))

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        require_order(data)


class BucketAnswer(Schema):
    """Sums in major units: net = gross + exceptions - fees; payouts are in none of them."""

    bucket = fields.String()
    currency = fields.String()
    contributions = fields.Integer()
    gross = fields.String()
    fees = fields.String()
    exceptions = fields.String()
    net = fields.String()


class FinanceSummaryAnswer(Schema):
    """One bucket for each day, month, section or method and currency in which money moved, and
    the whole period by currency."""

    by = fields.String()
    items = fields.List(fields.Nested(BucketAnswer))
    total = fields.List(fields.Nested(BucketAnswer))


class BalanceAnswer(Schema):
    """An account's balance: debits less credits, in major units."""

    account = fields.String()
    currency = fields.String()
    balance = fields.String()


class BooksAnswer(Schema):
    """Every account."""

    at = fields.String(allow_none=True)
    balances = fields.List(fields.Nested(BalanceAnswer))


class DifferenceAnswer(Schema):
    """A row on which two books differ; null where one of them lacks it."""

    kind = fields.String()
    balance_transaction = fields.String()
    ledger = fields.Dict(allow_none=True)
    processor = fields.Dict(allow_none=True)


class ReconciliationAnswer(Schema):
    """A comparison; ``result`` is null while it runs."""

    id = fields.String()
    processor = fields.String()
    payout = fields.String(allow_none=True)
    since = fields.String(allow_none=True)
    until = fields.String(allow_none=True)
    state = fields.String()
    fetched = fields.Integer()
    repaired = fields.Integer()
    started_at = fields.String()
    finished_at = fields.String(allow_none=True)
    result = fields.Dict(allow_none=True)
    differences = fields.List(fields.Nested(DifferenceAnswer))


class ExplanationBody(Schema):
    """What somebody found out."""

    note = Text(required=True, validate=validate.Length(1, 1000))


class ExceptionAnswer(Schema):
    """An exception: ``state`` is open, explained or reconciled; ``concerns_on`` the Jakarta day
    whose month waits for it."""

    id = fields.Integer()
    kind = fields.String()
    subject = fields.String()
    contribution_id = fields.String(allow_none=True)
    opened_at = fields.String()
    concerns_on = fields.String()
    state = fields.String()
    note = fields.String(allow_none=True)
    explained_by = fields.String(allow_none=True)
    explained_at = fields.String(allow_none=True)


class ExceptionsAnswer(Schema):
    """Exceptions, those to be explained first."""

    items = fields.List(fields.Nested(ExceptionAnswer))
