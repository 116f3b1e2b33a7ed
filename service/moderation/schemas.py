"""Shapes of the moderation API. None has a field for money, an address or a payment."""

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from service.contributions.fields import Paragraphs
from service.contributions.states import DECISIONS
from service.moderation.decide import Verdict
from service.moderation.queries import STATES
from service.web.body import Flag, Text


class QueueQuery(Schema):
    """Which page of which state."""

    state = Text(load_default="pending", validate=validate.OneOf(STATES))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    cursor = Text(load_default=None, validate=validate.Length(max=200))


class DecisionBody(Schema):
    """A decision about the revision that the moderator saw."""

    class Meta:
        unknown = RAISE

    decision = Text(required=True, validate=validate.OneOf(list(DECISIONS)))
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
    reason = Text(load_default=None, allow_none=True)
    note = Paragraphs(load_default=None, allow_none=True, validate=validate.Length(max=2000))
    hide_name = Flag(load_default=None, allow_none=True)

    @post_load
    def make_verdict(self, data: dict[str, Any], **_: Any) -> Verdict:
        return Verdict(**data)


class QueueArticle(Schema):
    """The article that a message stands beside."""

    url = fields.String()
    title = fields.String(allow_none=True)
    section = fields.String(allow_none=True)


class FlagAnswer(Schema):
    """Something to look at, and why."""

    kind = fields.String()
    why = fields.String()


class QueueItemAnswer(Schema):
    """A message as moderators see it."""

    id = fields.String()
    revision = fields.Integer()
    state = fields.String()
    message = fields.String()
    display_name = fields.String(allow_none=True)
    name_hidden = fields.Boolean()
    article = fields.Nested(QueueArticle)
    flags = fields.List(fields.Nested(FlagAnswer))
    priority = fields.Integer()
    received_at = fields.String()
    claimed_by = fields.String(allow_none=True)
    escalated = fields.Boolean()


class QueueAnswer(Schema):
    """A page of the queue."""

    items = fields.List(fields.Nested(QueueItemAnswer))
    next_cursor = fields.String(allow_none=True)


class HistoryItemAnswer(Schema):
    """One decision with who, when and why."""

    revision = fields.Integer()
    decision = fields.String()
    reason = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    name_hidden = fields.Boolean()
    state_before = fields.String()
    state_after = fields.String()
    decided_by = fields.String()
    decided_at = fields.String()


class HistoryAnswer(Schema):
    """Every decision on a message, oldest first."""

    items = fields.List(fields.Nested(HistoryItemAnswer))
