"""Shapes of the moderation API. None has a field for money, an address or a payment."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from service.clock import JAKARTA
from service.contributions.fields import Line, Paragraphs, ReaderBody, at_most
from service.errors import N_
from service.moderation.decide import Verdict
from service.moderation.queries import FLAGS, STATES, Filters
from service.moderation.transitions import DECISIONS
from service.web.body import FieldError, Flag, Text

MOST_AT_ONCE = 50


class Moment(fields.Field[datetime]):
    """A moment as RFC 3339, or a Jakarta day for its beginning."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        text = str(value)
        try:
            if len(text) == 10:
                return datetime.combine(date.fromisoformat(text), datetime.min.time(), JAKARTA)
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except ValueError as error:
            raise FieldError("not_a_moment", N_("This must be a day or a moment.")) from error


def _this_century(at: date | datetime) -> None:
    """Years at the edge of the calendar cannot be reckoned with."""
    if not 2000 <= at.year < 2100:
        raise FieldError("not_a_moment", N_("This must be a day or a moment."))


class FilterFields(Schema):
    """Which messages of a list."""

    section = Text(load_default=None, validate=validate.Length(1, 100))
    article = Text(load_default=None, validate=validate.Length(1, 2000))
    flag = Text(load_default=None, validate=validate.OneOf(FLAGS))
    reason = Text(load_default=None, validate=validate.Length(1, 30))
    moderator = Text(load_default=None, validate=validate.Length(1, 120))
    since = Moment(load_default=None, validate=_this_century)
    until = Moment(load_default=None, validate=_this_century)
    text = Line(load_default=None, validate=at_most(200))
    mine = fields.Boolean(load_default=False)


class QueueQuery(FilterFields):
    """Which page of which list."""

    state = Text(load_default="pending", validate=validate.OneOf(STATES))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    cursor = Text(load_default=None, validate=validate.Length(max=200))


class ClaimBody(Schema):
    """How many messages to lease, and of which kind."""

    class Meta:
        unknown = RAISE

    count = fields.Integer(load_default=10, strict=True, validate=validate.Range(1, MOST_AT_ONCE))
    section = Text(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    article = Text(load_default=None, allow_none=True, validate=validate.Length(1, 2000))
    flag = Text(load_default=None, allow_none=True, validate=validate.OneOf(FLAGS))


class DecisionBody(Schema):
    """A decision about the revision that the moderator saw."""

    class Meta:
        unknown = RAISE

    decision = Text(required=True, validate=validate.OneOf(DECISIONS))
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
    reason = Text(load_default=None, allow_none=True)
    note = Paragraphs(load_default=None, allow_none=True, validate=at_most(2000))
    hide_name = Flag(load_default=None, allow_none=True)

    @post_load
    def make_verdict(self, data: dict[str, Any], **_: Any) -> Any:
        return Verdict(**data)


class BulkItem(DecisionBody):
    """A decision with the message it is about."""

    id = Text(required=True, validate=validate.Length(1, 32))

    @post_load
    def make_verdict(self, data: dict[str, Any], **_: Any) -> Any:
        return data.pop("id"), Verdict(**data)


class BulkBody(Schema):
    """Several decisions; each has its own outcome."""

    class Meta:
        unknown = RAISE

    items = fields.List(fields.Nested(BulkItem), required=True, validate=validate.Length(1, 2 * MOST_AT_ONCE))


class ArrivalsQuery(Schema):
    """Since when."""

    after = Moment(load_default=None, validate=_this_century)


class PeriodQuery(Schema):
    """Jakarta days, both included."""

    from_ = fields.Date(data_key="from", load_default=None, validate=_this_century)
    to = fields.Date(load_default=None, validate=_this_century)


class ReportBody(ReaderBody):
    """What a reader finds wrong, if they say it."""

    class Meta:
        unknown = RAISE

    reason = Text(load_default=None, allow_none=True)
    locale = Text(load_default=None, allow_none=True)


def filters(data: dict[str, Any], article_key: str | None, holder: str | None) -> Filters:
    """Filters out of loaded fields; ``until`` as a day includes that day."""
    until = data.get("until")
    if until is not None and until.tzinfo is JAKARTA:
        until += timedelta(days=1)
    return Filters(
        section=data.get("section"),
        article=article_key,
        flag=data.get("flag"),
        reason=data.get("reason"),
        moderator=data.get("moderator"),
        since=data.get("since"),
        until=until,
        text=data.get("text"),
        holder=holder if data.get("mine") else None,
    )


class QueueArticle(Schema):
    """The article that a message stands beside."""

    url = fields.String()
    title = fields.String(allow_none=True)
    section = fields.String(allow_none=True)


class FlagAnswer(Schema):
    """Something to look at, and why."""

    kind = fields.String()
    name = fields.String()
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
    claimed_until = fields.String(allow_none=True)
    escalated = fields.Boolean()
    proposed_by = fields.String(allow_none=True)
    decided_by = fields.String(allow_none=True)
    decided_at = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class QueueAnswer(Schema):
    """A page of the queue."""

    items = fields.List(fields.Nested(QueueItemAnswer))
    next_cursor = fields.String(allow_none=True)


class ClaimAnswer(Schema):
    """The messages that are now leased to the caller."""

    items = fields.List(fields.Nested(QueueItemAnswer))


class OutcomeAnswer(Schema):
    """What became of one decision of several: the message, or the problem."""

    id = fields.String()
    status = fields.Integer()
    message = fields.Nested(QueueItemAnswer, allow_none=True)
    problem = fields.Dict(keys=fields.String(), allow_none=True)


class BulkAnswer(Schema):
    """One outcome for each decision, in the order in which they came."""

    items = fields.List(fields.Nested(OutcomeAnswer))


class HistoryItemAnswer(Schema):
    """One decision with who, when and why."""

    revision = fields.Integer()
    decision = fields.String()
    reason = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    name_hidden = fields.Boolean()
    escalated = fields.Boolean()
    proposed_by = fields.String(allow_none=True)
    undoes = fields.Integer(allow_none=True)
    state_before = fields.String()
    state_after = fields.String()
    decided_by = fields.String()
    decided_at = fields.String()


class HistoryAnswer(Schema):
    """Every decision on a message, oldest first."""

    items = fields.List(fields.Nested(HistoryItemAnswer))


class CountAnswer(Schema):
    """A moderator's or reason's decisions."""

    name = fields.String()
    count = fields.Integer()


class StatisticsAnswer(Schema):
    """How the desk did in a period; times in seconds."""

    waiting = fields.Integer(metadata={"description": "messages that wait now; at most 100 are counted"})
    oldest_received_at = fields.String(allow_none=True)
    decided = fields.Integer()
    median_wait_s = fields.Integer(allow_none=True)
    slowest_tenth_wait_s = fields.Integer(allow_none=True)
    judged_twice = fields.Integer()
    judged_alike = fields.Integer()
    by_decision = fields.List(fields.Nested(CountAnswer))
    by_reason = fields.List(fields.Nested(CountAnswer))
    by_moderator = fields.List(fields.Nested(CountAnswer))
    by_day = fields.List(fields.Nested(CountAnswer))
    by_hour = fields.List(fields.Nested(CountAnswer))
