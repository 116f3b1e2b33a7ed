"""Shapes of the closing API and of the public aggregate."""

from marshmallow import Schema, fields


class CloseBody(Schema):
    """The allocation of clause 2.1: for each purpose an amount as text, or amounts by currency."""

    allocation = fields.Dict(required=True)


class UnsettledAnswer(Schema):
    """Money that is not at the bank yet, in one currency."""

    currency = fields.String()
    movements = fields.Integer()
    net = fields.String()


class PeriodAnswer(Schema):
    """A month. ``state`` is open, closing or closed; a closed one has its manifest and hash, an
    open one what there is to allocate and what keeps it from being closed."""

    period = fields.String()
    state = fields.String()
    blockers = fields.List(fields.String())
    to_allocate = fields.Dict()
    unexplained = fields.List(fields.Integer())
    unsettled = fields.List(fields.Nested(UnsettledAnswer))
    fees_unknown = fields.Integer()
    sha256 = fields.String(allow_none=True)
    closed_at = fields.String(allow_none=True)
    closed_by = fields.String(allow_none=True)
    manifest = fields.Dict(allow_none=True)


class PeriodsAnswer(Schema):
    """Closed months and those that can be closed next, newest first."""

    items = fields.List(fields.Nested(PeriodAnswer))


class PublicPeriodAnswer(Schema):
    """A closed month for everyone (clause 2.2); amounts are null where fewer than five
    contributions would let one of them be guessed."""

    period = fields.String()
    currency = fields.String()
    contributions = fields.Integer(allow_none=True)
    withheld = fields.Boolean()
    gross = fields.String(allow_none=True)
    fees = fields.String(allow_none=True)
    exceptions = fields.String(allow_none=True)
    net = fields.String(allow_none=True)
    purposes = fields.Dict(allow_none=True)


class TransparencyAnswer(Schema):
    """Every closed month, newest first."""

    items = fields.List(fields.Nested(PublicPeriodAnswer))
