"""Shapes that go in and out: schemas check shape, the verbs check truth."""

from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, fields, post_load, validate

from service.config import LOCALES
from service.contributions.agreeing import Agreement
from service.contributions.fields import Amount, Email, Line, Paragraphs, ReaderBody
from service.contributions.gift import Gift
from service.errors import N_, TermsNotAccepted
from service.money import Money
from service.web.body import FieldError, Flag, Text


class ArticleBody(Schema):
    """The article beside which the reader gives. Title and section are hints."""

    class Meta:
        unknown = RAISE

    url = Text(required=True, validate=validate.Length(max=4000))
    title = Line(load_default=None, validate=validate.Length(max=300))
    section = Line(load_default=None, validate=validate.Length(max=100))


class AgreementBody(Schema):
    """The version that is agreed to by sending (clause 6.1)."""

    class Meta:
        unknown = RAISE

    version = Text(load_default=None, validate=validate.Length(max=40))
    accepted = fields.Raw(
        load_default=False, metadata={"type": "boolean", "description": "true, nothing else agrees"}
    )


class GiftBody(ReaderBody):
    """What a reader sends."""

    apart = ("article.url",)  # what is kept of an address is looked at when it was read

    class Meta:
        unknown = RAISE

    amount = Amount(required=True, metadata={"type": "string", "example": "25000"})
    currency = Text(required=True, validate=validate.Length(equal=3))
    message = Paragraphs(load_default=None, allow_none=True)
    display_name = Line(load_default=None, allow_none=True)
    anonymous = Flag(load_default=False)
    email = Email(load_default=None, allow_none=True)
    article = fields.Nested(ArticleBody, required=True)
    locale = Text(required=True, validate=validate.OneOf(LOCALES))
    terms = fields.Nested(AgreementBody, load_default=None, allow_none=True)

    @post_load
    def make_gift(self, data: dict[str, Any], **_: Any) -> Gift:
        """The gift as the verbs take it."""
        try:
            amount = Money.parse(data["amount"], data["currency"])
        except ValueError as error:
            raise FieldError(
                "not_an_amount", N_("Write the amount as digits, such as 25000."), "amount"
            ) from error
        terms = data["terms"] or {"version": None, "accepted": False}
        return Gift(
            amount=amount,
            article_url=data["article"]["url"],
            article_title=data["article"]["title"],
            article_section=data["article"]["section"],
            locale=data["locale"],
            terms_version=terms["version"],
            terms_accepted=terms["accepted"] is True,
            message=data["message"],
            display_name=data["display_name"],
            anonymous=data["anonymous"],
            email=data["email"],
        )


class RetryBody(ReaderBody):
    """What may come with going on: newer terms."""

    class Meta:
        unknown = RAISE

    terms = fields.Nested(AgreementBody, load_default=None, allow_none=True)

    @post_load
    def make_agreement(self, data: dict[str, Any], **_: Any) -> Agreement | None:
        terms = data["terms"]
        if terms is None:
            return None
        if terms["accepted"] is not True:
            raise TermsNotAccepted
        return Agreement(terms["version"], True)


class KeyHeader(Schema):
    """The client's own key for one contribution."""

    class Meta:
        unknown = EXCLUDE

    key = Text(required=True, data_key="Idempotency-Key", validate=validate.Length(min=1, max=255))


class ArticleQuery(Schema):
    """Which article, by its address."""

    article = Text(required=True, validate=validate.Length(max=4000))


class FeatureQuery(Schema):
    """Which article, and in which language to answer."""

    article = Text(load_default=None, validate=validate.Length(max=4000))
    locale = Text(load_default=None)


class WallQuery(ArticleQuery):
    """Which page of which article's wall."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    cursor = Text(load_default=None, validate=validate.Length(max=200))


class ArticleAnswer(Schema):
    """An article as it may be shown: without a title unless the publisher vouches for one."""

    url = fields.String()
    title = fields.String(allow_none=True)
    section = fields.String(allow_none=True)


class AcceptedTermsAnswer(Schema):
    """The acceptance that a contribution was made under."""

    version = fields.String()
    sha256 = fields.String()
    accepted_at = fields.String()


class ContributionAnswer(Schema):
    """A contribution; nothing personal."""

    id = fields.String()
    reference = fields.String()
    status = fields.String()
    amount = fields.String()
    currency = fields.String()
    message_state = fields.String()
    checkout_url = fields.String(allow_none=True)
    expires_at = fields.String(allow_none=True)
    terms = fields.Nested(AcceptedTermsAnswer)
    article = fields.Nested(ArticleAnswer)
    created_at = fields.String()
    paid_at = fields.String(allow_none=True)


class FeatureAnswer(Schema):
    """All that a form needs to know."""

    open = fields.Boolean()
    public_reason = fields.String(allow_none=True)
    notice = fields.String(allow_none=True, metadata={"description": "why it is closed, for readers"})
    walls = fields.String(metadata={"description": "keep or hide"})
    widget = fields.String(metadata={"description": "notice or hide: what it shows while closed"})
    title = fields.String()
    invitation = fields.String()
    agreement = fields.String()
    processor_name = fields.String()
    privacy_url = fields.String()
    user_terms_url = fields.String()
    publisher = fields.String()
    currency = fields.String()
    presets = fields.List(fields.String())
    minimum = fields.String()
    maximum = fields.String()
    message_max_length = fields.Integer()
    name_max_length = fields.Integer()
    terms_version = fields.String()
    locales = fields.List(fields.String())


class WallArticleAnswer(Schema):
    """The article that a message stands beside."""

    url = fields.String()
    title = fields.String(allow_none=True)


class WallItemAnswer(Schema):
    """One public message."""

    id = fields.String()
    display_name = fields.String(allow_none=True)
    message = fields.String()
    published_at = fields.String()
    article = fields.Nested(WallArticleAnswer)


class WallAnswer(Schema):
    """A page of the wall, newest first."""

    items = fields.List(fields.Nested(WallItemAnswer))
    next_cursor = fields.String(allow_none=True)
    hidden = fields.Boolean(metadata={"description": "true while the switch hides the wall"})


class SummaryAnswer(Schema):
    """Counts of one article; no amounts."""

    contributions = fields.Integer()
    published_messages = fields.Integer()
