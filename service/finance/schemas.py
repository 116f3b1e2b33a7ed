"""Shapes of the finance API."""

from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate, validates_schema

from service.errors import N_
from service.finance.export import DIALECTS
from service.web.body import FieldError, Text


class ExportQuery(Schema):
    """What to export: inclusive Jakarta dates, and the CSV dialect."""

    from_ = fields.Date(required=True, data_key="from", attribute="first")
    to = fields.Date(required=True, attribute="last")
    format = Text(load_default="csv", validate=validate.OneOf(["csv"]))
    rows = Text(load_default="movements", validate=validate.OneOf(["movements"]))
    dialect = Text(load_default="standard", validate=validate.OneOf(DIALECTS))

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        first, last = data.get("first"), data.get("last")
        if isinstance(first, date) and isinstance(last, date) and first > last:
            raise FieldError("not_in_order", N_("The first day lies after the last."))
