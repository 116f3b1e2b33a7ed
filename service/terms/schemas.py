"""Shapes of the terms API."""

from marshmallow import Schema, fields

from service.web.body import Text


class TermsQuery(Schema):
    """In which language."""

    locale = Text(load_default=None)


class ClauseAnswer(Schema):
    """One clause, under the heading of its section."""

    id = fields.String()
    section = fields.String()
    title = fields.String()
    text = fields.String()


class TermsAnswer(Schema):
    """A published text. ``sha256`` is over UTF-8 of: title, newline; for each clause its id,
    a space, its title, newline, its text, newline; the agreement, newline."""

    version = fields.String()
    effective_from = fields.String()
    locale = fields.String()
    sha256 = fields.String()
    title = fields.String()
    agreement = fields.String()
    clauses = fields.List(fields.Nested(ClauseAnswer))
