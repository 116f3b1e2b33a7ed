"""Shapes of the finance API."""

from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate, validates_schema

from service.errors import N_
from service.finance.export import DIALECTS, FORMATS
from service.web.body import FieldError, Text


class ExportQuery(Schema):
    """What to export: inclusive Jakarta dates, and the CSV dialect."""

    from_ = fields.Date(required=True, data_key="from", attribute="first")
    to = fields.Date(required=True, attribute="last")
    format = Text(load_default="csv", validate=validate.OneOf(FORMATS))
    rows = Text(load_default="movements", validate=validate.OneOf(["movements"]))
    dialect = Text(load_default="standard", validate=validate.OneOf(DIALECTS))

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        _require_order(data)


def _require_order(data: dict[str, Any]) -> None:
    first, last = data.get("first"), data.get("last")
    if isinstance(first, date) and isinstance(last, date) and first > last:
        raise FieldError("not_in_order", N_("The first day lies after the last."))


class ReconciliationBody(Schema):
    """What to compare: a payout, or inclusive Jakarta dates; at which processor."""

    payout = Text(validate=validate.Length(1, 100))
    from_ = fields.Date(data_key="from", attribute="first")
    to = fields.Date(attribute="last")
    processor = Text(validate=validate.Length(1, 20))

    @validates_schema
    def one_scope(self, data: dict[str, Any], **_: Any) -> None:
        dates = {"first", "last"} & set(data)
        if ("payout" in data) == bool(dates) or len(dates) == 1:
            raise FieldError("invalid", N_("Name either a payout, or the first and the last day."))
        _require_order(data)


class BooksQuery(Schema):
    """As of which moment the books are read, and up to which booking day."""

    at = fields.AwareDateTime()
    on = fields.Date()
