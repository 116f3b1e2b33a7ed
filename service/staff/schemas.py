"""Shapes of the audit API, and of the administration's forms."""

from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from service.staff.permissions import ROLES
from service.staff.trail import Filters
from service.web.body import Text

_this_century = validate.Range(date(2000, 1, 1), date(2099, 12, 31))


class FiltersQuery(Schema):
    """Which entries: by actor, act (``staff.added``) or all acts of a room (``staff``), subject, and
    inclusive Jakarta dates."""

    actor = Text(load_default=None, validate=validate.Length(max=120))
    action = Text(load_default=None, validate=validate.Length(max=60))
    subject = Text(load_default=None, validate=validate.Length(max=200))
    from_ = fields.Date(data_key="from", load_default=None, validate=_this_century)
    to = fields.Date(load_default=None, validate=_this_century)


class AuditQuery(FiltersQuery):
    """A page of them: older than ``cursor`` (a sequence number). ``verify=whole`` reads the whole
    chain, which takes a while."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.Integer(load_default=None, validate=validate.Range(1, 2**62))
    verify = fields.String(load_default=None, validate=validate.OneOf(["whole"]))


class ExportQuery(FiltersQuery):
    """A file of all of them."""

    format = fields.String(load_default="csv", validate=validate.OneOf(["csv", "jsonl"]))


def filters(query: dict[str, Any]) -> Filters:
    """The filters of a loaded query."""
    return Filters(query["actor"], query["action"], query["subject"], query["from_"], query["to"])


class PersonForm(Schema):
    """Somebody new; the verb says what an address is."""

    email = Text(required=True, validate=validate.Length(1, 255))
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), required=True)


class TokenForm(Schema):
    """A token to issue; ``label`` says whose it is."""

    label = Text(required=True, validate=validate.Length(1, 100))
    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class ChainAnswer(Schema):
    """What is known of the hash chain. ``intact`` is said of ``entries`` entries from the first;
    ``unchecked`` newer ones wait for ``verify=whole`` or the next reading of the whole chain."""

    intact = fields.Boolean()
    entries = fields.Integer()
    broken_at = fields.Integer(allow_none=True)
    unchecked = fields.Integer()
    whole_checked_at = fields.String(allow_none=True)


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
