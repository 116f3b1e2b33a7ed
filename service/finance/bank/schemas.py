"""Shapes of the bank API."""

from marshmallow import Schema, fields, validate

from service.web.body import Text


class BankLineAnswer(Schema):
    """A bank line; ``payout`` is the one whose arrival it is."""

    id = fields.Integer()
    booked_on = fields.String()
    currency = fields.String()
    amount = fields.String()
    description = fields.String()
    payout = fields.String(allow_none=True)
    matched_by = fields.String(allow_none=True)


class BankLinesAnswer(Schema):
    """Bank lines, those without a payout first."""

    items = fields.List(fields.Nested(BankLineAnswer))


class ImportAnswer(Schema):
    """What an import brought: lines of the file, new ones, and payouts found."""

    lines = fields.Integer()
    new = fields.Integer()
    matched = fields.Integer()


class MatchBody(Schema):
    """The payout that a line is, by the processor's name for it; null for none."""

    payout = Text(required=True, allow_none=True, validate=validate.Length(1, 100))


class PayoutAnswer(Schema):
    """A payout as ledger, processor and bank know it. ``state`` is agrees, differs, awaited (by
    the bank), failed or not_itemised; the differences are to the processor's amount."""

    payout = fields.String()
    processor = fields.String()
    arrival = fields.String()
    currency = fields.String()
    movements = fields.Integer()
    state = fields.String()
    ledger_amount = fields.String()
    processor_amount = fields.String()
    bank_amount = fields.String(allow_none=True)
    ledger_difference = fields.String()
    bank_difference = fields.String(allow_none=True)
    reconciled_at = fields.String(allow_none=True)


class PayoutsAnswer(Schema):
    """The last payouts, newest first."""

    items = fields.List(fields.Nested(PayoutAnswer))
