"""Each clause bound to what the service does about it: rules, refusals, words, or why there is none.

Rules are dotted names, since the rooms that keep most of them lie above this one; the suite finds
every one of them, every word on its page, and tests that carry the clause's id.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.errors import (
    N_,
    AllocationMismatch,
    ArticleNotAllowed,
    EntitlementNotOffered,
    FeatureClosed,
    PaymentDetailsRefused,
    RecurringNotOffered,
    RefundNotOffered,
    Refusal,
    TermsNotAccepted,
    TermsOutdated,
)

ABOUT, FORM, CLOSED = "/", "/contribute", "/contribute, while closed"
STATUS, TERMS, TRANSPARENCY = "/contributions/{id}", "/terms", "/transparency"
REMOVED = "/contributions/{id}, after a removal"


@dataclass(frozen=True, slots=True)
class Wording:
    """Words that a reader meets and the page on which they stand: a message of the catalogue, or
    with ``of_terms`` the part of the published text that is named."""

    page: str
    words: str
    of_terms: bool = False


@dataclass(frozen=True, slots=True)
class Binding:
    """What the service does about one clause.

    ``does`` tells readers in a sentence or two (a message of the catalogue); ``reason`` says why
    no rule is possible, where none is.
    """

    does: str
    rules: tuple[str, ...] = ()
    refusals: tuple[type[Refusal], ...] = ()
    wording: tuple[Wording, ...] = ()
    reason: str | None = None


_NOT_A_CONTRACT = "A contribution is no subscription, purchase or investment, and creates no other contract."
_WHAT_IT_IS = "A contribution is voluntary and happens once. It is no subscription, it is not refunded, and it gives no say over our content."

CLAUSES: Mapping[str, Binding] = {
    "1.1": Binding(
        does=N_(
            "You can contribute only beside articles on the publisher's own sites. Any other address is refused."
        ),
        rules=("service.articles.address.AddressBook.read", "service.articles.address.article_key"),
        refusals=(ArticleNotAllowed,),
        wording=(
            Wording(FORM, "Support the journalism of %(publisher)s with a one-time contribution."),
            Wording(ABOUT, "Address of the article"),
        ),
    ),
    "1.2": Binding(
        does=N_(
            "You choose the amount yourself; nothing is chosen for you beforehand. The order of messages does not depend on the amount, and the team that reads them does not see it."
        ),
        rules=(
            "service.terms.check.require_amount_within",
            "service.terms.sent.refuse",
            "service.contributions.queries.wall",
            "service.moderation.queries.in_order",
        ),
        refusals=(EntitlementNotOffered,),
        wording=(Wording(ABOUT, _WHAT_IT_IS),),
    ),
    "2.1": Binding(
        does=N_(
            "When a month is closed, everything given, less what went back, is divided among exactly these three purposes, and the sum must be exact. Anyone can read the result."
        ),
        rules=(
            "service.finance.closing.allocation.to_allocate",
            "service.finance.closing.allocation.read",
            "service.finance.closing.allocation.require_exact",
            "service.wiring.wire",
        ),
        refusals=(AllocationMismatch,),
        wording=(
            Wording(
                TRANSPARENCY,
                "For each month that is closed: what readers gave, what the payment service kept, what went back, and what it is for.",
            ),
        ),
    ),
    "2.2": Binding(
        does=N_(
            "There is no report for each person. There is one public account for each closed month, and nobody can be recognised in it."
        ),
        rules=("service.finance.closing.transparency.public_months",),
        wording=(Wording(TRANSPARENCY, "What contributions amount to"),),
        reason="The clause frees the publisher of a duty, so there is nothing to refuse. What is there instead is one aggregate account of each closed month.",
    ),
    "3.1": Binding(
        does=N_(
            "The message is optional and plain text. Its length is limited, and letters are counted as you see them."
        ),
        rules=("service.terms.check.require_texts_within", "service.plain_text.fits"),
        wording=(
            Wording(FORM, "At most %(count)s characters. Our team reads it before it appears."),
            Wording(ABOUT, "Choose an amount and, if you like, write a short message."),
        ),
    ),
    "3.2": Binding(
        does=N_(
            "A message appears only after its contribution was paid and somebody from the team published it. There is no other way."
        ),
        rules=(
            "service.contributions.queries.is_public",
            "service.moderation.decide.decide",
            "service.moderation.transitions.after",
            "service.moderation.invariants.published_by_a_moderator",
        ),
        wording=(
            Wording(ABOUT, "Our team reads your message before it appears below the article."),
            Wording(FORM, "At most %(count)s characters. Our team reads it before it appears."),
            Wording(STATUS, "Our team will read it before it appears below the article."),
        ),
    ),
    "3.3": Binding(
        does=N_(
            "A published message is taken down only for a reason that these terms know, at once and everywhere, and each removal is recorded. No money moves."
        ),
        rules=("service.moderation.decide.decide", "service.moderation.transitions.after"),
        wording=(Wording(REMOVED, "It was not selected to appear."),),
    ),
    "4.1": Binding(
        does=N_(
            "Each contribution is one payment. A request to repeat it is refused, and messages that advertise are pointed out to the team."
        ),
        rules=(
            "service.terms.sent.refuse",
            "service.processors.base.Processor.open_checkout",
            "service.screening.insults.promotion",
            "service.screening.contact.link",
        ),
        refusals=(RecurringNotOffered,),
        wording=(Wording(STATUS, _NOT_A_CONTRACT), Wording(ABOUT, _WHAT_IT_IS)),
    ),
    "4.2": Binding(
        does=N_(
            "This service cannot send money back, and a request for that is refused. If the payment provider or your bank does so all the same, the books show it."
        ),
        rules=(
            "service.contributions.api.refuse_refund",
            "service.finance.postings.refund_external",
            "service.finance.postings.chargeback",
        ),
        refusals=(RefundNotOffered,),
        wording=(Wording(ABOUT, _WHAT_IT_IS),),
    ),
    "4.3": Binding(
        does=N_(
            "While the feature is closed, new contributions are refused at once and the page says why. Money that still arrives is recorded."
        ),
        rules=("service.controls.switches.require_open", "service.controls.turning.set_switch"),
        refusals=(FeatureClosed,),
        wording=(Wording(CLOSED, "Apresiasi Spesial is closed at the moment"),),
    ),
    "5.1": Binding(
        does=N_(
            "Only what is needed is asked for. Your e-mail address is kept encrypted and is never public; if you stay anonymous, your name is not stored at all."
        ),
        rules=(
            "service.sealing.Sealer.seal",
            "service.contributions.gift.Gift.shown_name",
            "service.dossier.by_role.told_to",
            "service.privacy.gather.gather",
            "service.privacy.correct.correct",
            "service.privacy.erase.erase",
            "service.privacy.retention.run",
        ),
        wording=(
            Wording(FORM, "Only for your receipt. It is never public."),
            Wording(FORM, "Privacy policy"),
        ),
    ),
    "5.2": Binding(
        does=N_(
            "You pay on the page of the payment provider, which is named beside the button. Nothing here asks for a card number, and one that is typed into any text is refused and not stored."
        ),
        rules=(
            "service.terms.check.refuse_payment_details",
            "service.terms.payment_details.holds_card_number",
            "service.processors.base.Processor.open_checkout",
        ),
        refusals=(PaymentDetailsRefused,),
        wording=(
            Wording(FORM, "Payment on the page of %(processor)s. Payment details are never entered here."),
            Wording(ABOUT, "Pay on the page of %(processor)s. We never see your payment details."),
        ),
    ),
    "6.1": Binding(
        does=N_(
            "Nothing is sent without your agreement to the version in force. The exact text, its language and the time are recorded; if the terms changed meanwhile, you see the new ones first."
        ),
        rules=(
            "service.terms.check.accepted_text",
            "service.contributions.agreeing.accept",
            "service.contributions.agreeing.require_terms",
            "service.terms.library.load",
            "service.terms.proof.examine",
        ),
        refusals=(TermsNotAccepted, TermsOutdated),
        wording=(
            Wording(FORM, "agreement", of_terms=True),
            Wording(FORM, "Learn more"),
            Wording(STATUS, "The terms you agreed to"),
        ),
    ),
    "7.1": Binding(
        does=N_(
            "No software can decide who bears a loss. You can read this clause before you pay, it is part of the text you agree to, and nothing here promises otherwise."
        ),
        rules=("service.terms.texts.canonical", "service.contributions.agreeing.accept"),
        wording=(Wording(TERMS, "7.1", of_terms=True), Wording(FORM, "Learn more")),
        reason="Who bears a loss is decided by law and not by software. The clause is shown before payment and is part of each recorded acceptance; no text of the service promises otherwise.",
    ),
    "7.2": Binding(
        does=N_(
            "The page of your contribution, its receipt and every file of the books say that a contribution creates no other contract. There is no bill for it and no proof for the tax office."
        ),
        rules=("service.finance.exports.statement.statement", "service.contributions.receipts.of"),
        wording=(Wording(STATUS, _NOT_A_CONTRACT), Wording(TERMS, "7.2", of_terms=True)),
    ),
}
