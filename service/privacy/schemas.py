"""Shapes of the privacy API: schemas check shape, the verbs check truth."""

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate, validates_schema

from service.contributions.fields import Email, Line
from service.errors import N_
from service.privacy.changes import FIELDS
from service.privacy.kinds import KINDS
from service.privacy.requests import Asked
from service.web.body import MISSING, FieldError, Text


class RequestBody(Schema):
    """Who asks for what: by ``reference`` or by ``email``, never both. A correction carries
    ``display_name``, ``new_email`` or both; null removes."""

    class Meta:
        unknown = RAISE

    kind = Text(required=True, validate=validate.OneOf(KINDS))
    reference = Text(load_default=None, allow_none=True, validate=validate.Length(max=40))
    email = Email(load_default=None, allow_none=True)
    proof = Text(required=True, validate=validate.Length(max=2000))
    display_name = Line(allow_none=True)
    new_email = Email(allow_none=True)

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        """Exactly one way to find the contributions."""
        given = [name for name in ("reference", "email") if data.get(name)]
        if not given:
            raise FieldError("required", MISSING, "reference")
        if len(given) > 1:
            raise FieldError("ambiguous", N_("Name a reference or an e-mail address, not both."), "email")

    @post_load
    def make_request(self, data: dict[str, Any], **_: Any) -> Asked:
        """The request as the verbs take it."""
        sent = dict(zip(FIELDS, ("display_name", "new_email"), strict=True))
        return Asked(
            kind=data["kind"],
            proof=data["proof"],
            reference=data["reference"] or None,
            email=data["email"] or None,
            changes={name: data[field] for name, field in sent.items() if field in data},
        )


class RequestsQuery(Schema):
    """How many at the most."""

    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))


class RequestAnswer(Schema):
    """The record of a request; nothing personal. ``proof`` only for those who handle requests."""

    id = fields.String()
    kind = fields.String()
    state = fields.String()
    reference = fields.String(allow_none=True)
    by = fields.String()
    proof = fields.String(allow_none=True)
    asked_by = fields.String()
    received_at = fields.String()
    deadline = fields.String()
    overdue = fields.Boolean()
    undeliverable_at = fields.String(allow_none=True)
    confirmed_at = fields.String(allow_none=True)
    done_at = fields.String(allow_none=True)
    done_by = fields.String(allow_none=True)
    contributions = fields.Integer()
    outcome = fields.Dict(keys=fields.String(), allow_none=True)
    certificate = fields.String(allow_none=True)
    lifted_at = fields.String(allow_none=True)
    lifted_by = fields.String(allow_none=True)


class RequestsAnswer(Schema):
    """Requests: those that wait first, by their deadline, then the newest."""

    items = fields.List(fields.Nested(RequestAnswer))


class CertificateAnswer(Schema):
    """A certificate: its hash is over the canonical JSON of all but the last three fields."""

    number = fields.String()
    kind = fields.String()
    at = fields.String()
    by = fields.String()
    request = fields.String(allow_none=True)
    contributions = fields.List(fields.String())
    removed = fields.Dict(keys=fields.String(), values=fields.Integer())
    sha256 = fields.String()
    verified = fields.Boolean()
    replayed_at = fields.String(allow_none=True)
