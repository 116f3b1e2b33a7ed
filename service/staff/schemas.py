"""Shapes of the audit API."""

from marshmallow import Schema, fields, validate

from service.web.body import Text


class AuditQuery(Schema):
    """Which entries: older than ``cursor`` (a sequence number), filtered exactly."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.Integer(load_default=None, validate=validate.Range(1, 2**62))
    actor = Text(load_default=None, validate=validate.Length(max=120))
    action = Text(load_default=None, validate=validate.Length(max=60))
    subject = Text(load_default=None, validate=validate.Length(max=200))


class ChainAnswer(Schema):
    """The result of checking the whole hash chain."""

    intact = fields.Boolean()
    entries = fields.Integer()
    broken_at = fields.Integer(allow_none=True)


class AuditItem(Schema):
    """One entry; ``details`` never holds personal data."""

    sequence = fields.Integer()
    at = fields.String()
    actor = fields.String()
    action = fields.String()
    subject = fields.String()
    details = fields.Dict()
    hash = fields.String()


class AuditAnswer(Schema):
    """A page of the trail, newest first."""

    items = fields.List(fields.Nested(AuditItem))
    next_cursor = fields.String(allow_none=True)
    chain = fields.Nested(ChainAnswer)
