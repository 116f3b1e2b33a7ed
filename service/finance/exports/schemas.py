"""Shapes of the export API."""

from typing import Any

from marshmallow import Schema, fields, validate, validates_schema

from service.errors import N_
from service.finance.exports.selection import DIALECTS, FORMATS, ROWS
from service.finance.schemas import IN_CALENDAR, require_order
from service.web.body import FieldError, Text


class ExportQuery(Schema):
    """What to export: inclusive Jakarta dates, what rows, which of them, as what file."""

    from_ = fields.Date(required=True, data_key="from", attribute="first", validate=IN_CALENDAR)
    to = fields.Date(required=True, attribute="last", validate=IN_CALENDAR)
    format = Text(load_default="csv", validate=validate.OneOf(FORMATS))
    rows = Text(load_default="movements", validate=validate.OneOf(ROWS))
    dialect = Text(load_default="standard", validate=validate.OneOf(DIALECTS))
    status = Text(load_default=None, validate=validate.Length(1, 20))
    section = Text(load_default=None, validate=validate.Length(1, 100))
    processor = Text(load_default=None, validate=validate.Length(1, 20))
    currency = Text(load_default=None, validate=validate.Length(equal=3))

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        require_order(data)

    @validates_schema
    def possible(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("format") == "beancount" and data.get("rows") == "contributions":
            raise FieldError("not_movements", N_("A beancount file is made of movements."), "rows")


class ExportAnswer(Schema):
    """An export's record. ``control_totals`` are the sums of its columns; ``statement`` is that of
    clause 7.2."""

    id = fields.String()
    state = fields.String()
    filter = fields.Dict()
    filename = fields.String()
    made_by = fields.String()
    made_at = fields.String()
    finished_at = fields.String(allow_none=True)
    rows = fields.Integer(allow_none=True)
    rows_done = fields.Integer()
    control_totals = fields.Dict(allow_none=True)
    sha256 = fields.String(allow_none=True)
    size = fields.Integer(allow_none=True)
    statement = fields.String()


class ExportsAnswer(Schema):
    """Exports, newest first."""

    items = fields.List(fields.Nested(ExportAnswer))
