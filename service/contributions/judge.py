"""Whether a gift would be taken as it is: every rule of the terms, nothing stored."""

from datetime import datetime
from urllib.parse import unquote_plus

from sqlalchemy.orm import Session

from service import clock
from service.articles.address import Address
from service.contributions.gift import Gift
from service.controls import switches
from service.terms import check
from service.terms.texts import TermsText
from service.wiring import Wiring


def judge(session: Session, gift: Gift, wiring: Wiring) -> None:
    """Look at a gift before it is sent. Raises what ``give`` would refuse it with, but for what
    only sending shows: a key in use, a processor that is away."""
    address = require_address(gift, wiring)
    switches.require_open(session, address.key, address.section)
    accepted_text(gift, wiring, clock.now())


def require_address(gift: Gift, wiring: Wiring) -> Address:
    """The article of a gift whose texts hold no payment details.

    Raises ArticleNotAllowed (clause 1.1), PaymentDetailsRefused (5.2).
    """
    address = wiring.addresses.read(gift.article_url)
    check.refuse_payment_details(
        {
            "message": gift.message,
            "display_name": gift.display_name,
            "email": gift.email,
            "article.title": gift.article_title,
            "article.section": gift.article_section,
            "article.url": unquote_plus(address.key),
        }
    )
    return address


def accepted_text(gift: Gift, wiring: Wiring, now: datetime) -> TermsText:
    """The terms that a gift agrees to, if it keeps within their limits.

    Raises TermsNotAccepted and TermsOutdated (clause 6.1), ValidationFailed.
    """
    text = check.accepted_text(wiring.terms, now, gift.locale, gift.terms_version, gift.terms_accepted)
    check.require_amount_within(text.limits, gift.amount)
    check.require_texts_within(text.limits, gift.message, gift.display_name)
    return text
