"""Shapes of the switch."""

from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from service.controls.settings import KEEP, NOTICE, PAUSED, PUBLIC_REASONS, WALLS, WIDGETS
from service.errors import N_
from service.web.body import FieldError, Flag, Text

LONGEST_REASON = 500  # characters


def read_moment(text: object) -> datetime:
    """The moment that RFC 3339 text names. Raises ValueError."""
    moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    if moment is None or moment.tzinfo is None or not 2000 < moment.year < 2200:
        raise ValueError("no time of ours with its offset")
    return moment


class Moment(fields.Field):  # type: ignore[type-arg]  # its value is a datetime
    """A moment as RFC 3339 text with an offset or Z."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            return read_moment(value)
        except ValueError as error:
            message = N_("This must be a time with its offset, such as 2026-11-24T14:05:00+07:00.")
            raise FieldError("not_a_moment", message, attr or "_schema") from error


class SwitchBody(Schema):
    """What a scope is to be set to."""

    class Meta:
        unknown = RAISE

    scope = Text(
        required=True,
        validate=validate.Length(1, 4100),
        metadata={"description": "all, section:NAME or article:URL"},
    )
    open = Flag(required=True)
    reason = Text(
        load_default="",
        validate=validate.Length(max=LONGEST_REASON),
        metadata={"description": "for the audit trail only"},
    )
    public_reason = Text(load_default=PAUSED, validate=validate.OneOf(PUBLIC_REASONS))
    walls = Text(load_default=KEEP, validate=validate.OneOf(WALLS))
    widget = Text(load_default=NOTICE, validate=validate.OneOf(WIDGETS))
    from_at = Moment(
        load_default=None,
        allow_none=True,
        data_key="from",
        metadata={"type": "string", "format": "date-time"},
    )
    until_at = Moment(
        load_default=None,
        allow_none=True,
        data_key="until",
        metadata={"type": "string", "format": "date-time"},
    )


class SwitchAnswer(Schema):
    """One scope as it stands, with what its latest closing did."""

    scope = fields.String()
    open = fields.Boolean()
    state = fields.String(metadata={"description": "open, closed or scheduled"})
    public_reason = fields.String(allow_none=True)
    walls = fields.String()
    widget = fields.String()
    from_ = fields.String(allow_none=True, data_key="from")
    until = fields.String(allow_none=True)
    closed_at = fields.String(allow_none=True)
    changed_at = fields.String(allow_none=True)
    changed_by = fields.String(allow_none=True)
    open_checkouts = fields.Integer()
    expired = fields.Integer()
    paid_late = fields.Integer()


class SwitchesAnswer(Schema):
    """Every scope that was ever set."""

    items = fields.List(fields.Nested(SwitchAnswer))
