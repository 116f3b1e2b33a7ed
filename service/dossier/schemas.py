"""Shapes of the dossier API; which fields are there depends on the caller's roles."""

from marshmallow import Schema, fields

from service.contributions.schemas import ContributionAnswer
from service.web.body import Text


class EvidenceQuery(Schema):
    """In which language the headings are; what the reader accepted stays in its own."""

    locale = Text(load_default=None)


class AcceptanceAnswer(Schema):
    """The exact text that was accepted, and the wording beside the button."""

    version = fields.String()
    locale = fields.String()
    sha256 = fields.String()
    agreement = fields.String()
    accepted_at = fields.String()


class AttemptAnswer(Schema):
    """One checkout at one processor."""

    number = fields.Integer()
    id = fields.String()
    processor = fields.String()
    state = fields.String()
    checkout_ref = fields.String(allow_none=True)
    created_at = fields.String()
    expires_at = fields.String()
    asked_at = fields.String(allow_none=True)


class FactAnswer(Schema):
    """Something that the processor made known; ``due_at``: until when a dispute can be answered."""

    kind = fields.String()
    ref = fields.String()
    amount = fields.String(allow_none=True)
    occurred_at = fields.String()
    recorded_at = fields.String()
    due_at = fields.String(allow_none=True)


class DisputeAnswer(Schema):
    """A dispute: ``state`` is open, won or lost; ``due_at`` is null where no deadline was named."""

    ref = fields.String()
    payment_ref = fields.String(allow_none=True)
    state = fields.String()
    opened_at = fields.String(allow_none=True)
    due_at = fields.String(allow_none=True)
    withdrawn = fields.String(allow_none=True)
    withdrawn_at = fields.String(allow_none=True)
    reinstated = fields.String(allow_none=True)
    reinstated_at = fields.String(allow_none=True)
    ended_at = fields.String(allow_none=True)


class MovementAnswer(Schema):
    """A money movement with what the processor's books say of it, and its payout."""

    sequence = fields.Integer(allow_none=True)
    id = fields.String()
    type = fields.String()
    gross = fields.String()
    fee = fields.String()
    net = fields.String()
    currency = fields.String()
    occurred_at = fields.String()
    booked_on = fields.String()
    processor = fields.String()
    payment_ref = fields.String(allow_none=True)
    charge_ref = fields.String(allow_none=True)
    method = fields.String(allow_none=True)
    parent = fields.String(allow_none=True)
    settlement_currency = fields.String(allow_none=True)
    settlement_net = fields.String(allow_none=True)
    exchange_rate = fields.String(allow_none=True)
    balance_transaction = fields.String(allow_none=True)
    payout = fields.String(allow_none=True)
    payout_arrival = fields.String(allow_none=True)
    postings = fields.String()


class RaisedAnswer(Schema):
    """An exception of the books: ``state`` is open, explained or reconciled."""

    kind = fields.String()
    subject = fields.String()
    opened_at = fields.String()
    state = fields.String()
    note = fields.String(allow_none=True)
    explained_by = fields.String(allow_none=True)
    explained_at = fields.String(allow_none=True)


class DecidedAnswer(Schema):
    """A moderator's decision; ``by`` for moderators and those who see everything."""

    decision = fields.String()
    reason = fields.String(allow_none=True)
    by = fields.String()
    at = fields.String()
    after = fields.String()


class ReportAnswer(Schema):
    """A reader's report of the message."""

    reason = fields.String(allow_none=True)
    at = fields.String()
    answered_at = fields.String(allow_none=True)


class ReceivedAnswer(Schema):
    """An event of the processor, with what came of it."""

    id = fields.String()
    type = fields.String()
    status = fields.String()
    reason = fields.String(allow_none=True)
    deliveries = fields.Integer()
    received_at = fields.String()


class EventAnswer(Schema):
    """A line of the contribution's history."""

    at = fields.String()
    kind = fields.String()
    data = fields.Dict(keys=fields.String())


class DossierAnswer(ContributionAnswer):
    """What is known of a contribution. Only ``reference`` and ``article`` are there for everybody:
    moderators get the message with its decisions and reports while it stands at the desk, finance
    the money, editors the status; administrators and auditors get every field."""

    locale = fields.String()
    display_name = fields.String(allow_none=True)
    name_hidden = fields.Boolean()
    has_email = fields.Boolean()
    withheld = fields.Boolean()
    message = fields.String(allow_none=True)
    message_id = fields.String(allow_none=True)
    at_desk = fields.Boolean()
    acceptances = fields.List(fields.Nested(AcceptanceAnswer))
    attempts = fields.List(fields.Nested(AttemptAnswer))
    facts = fields.List(fields.Nested(FactAnswer))
    disputes = fields.List(fields.Nested(DisputeAnswer))
    movements = fields.List(fields.Nested(MovementAnswer))
    exceptions = fields.List(fields.Nested(RaisedAnswer))
    decisions = fields.List(fields.Nested(DecidedAnswer))
    reports = fields.List(fields.Nested(ReportAnswer))
    received = fields.List(fields.Nested(ReceivedAnswer))
    events = fields.List(fields.Nested(EventAnswer))
